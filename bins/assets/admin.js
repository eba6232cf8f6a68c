// What makes the pages live: times in the reader's zone, keys, and pages that keep themselves current.
// Everything can be read without it.
"use strict";

(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const language = document.documentElement.lang || "en";

  // ---- Times: the server writes UTC; here they become the reader's.
  const today = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const other = new Intl.DateTimeFormat(language, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  function localise(within) {
    const now = new Date();
    for (const element of all("time[datetime]:not([data-local])", within)) {
      const at = new Date(element.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      element.dataset.local = "";
      const full = other.format(at);
      element.textContent = at.toDateString() === now.toDateString() ? today.format(at) : full;
      element.title = `${full} ${zone}\n${element.title}`;
    }
  }

  // ---- Keys.
  let row = -1;
  let going = false;

  function rows() {
    return all("table.rows tbody tr");
  }

  function move(step) {
    const list = rows();
    if (!list.length) return;
    row = Math.max(0, Math.min(list.length - 1, row + step));
    list.forEach((line, index) => line.classList.toggle("is-at", index === row));
    list[row].scrollIntoView({ block: "nearest" });
  }

  const places = { o: "/", j: "/jobs", r: "/runs", n: "/nodes", a: "/alerts" };

  function pressed(event) {
    const busy = event.target.closest("input, textarea, select, dialog, [contenteditable]");
    if (event.key === "Escape" && busy) { event.target.blur(); return; }
    if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
    if (going && places[event.key]) { location.assign(places[event.key]); return; }
    going = event.key === "g";
    if (event.key === "/") {
      const search = one("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); } else { location.assign("/jobs"); }
    } else if (event.key === "j") { move(1); } else if (event.key === "k") { move(-1); } else if (event.key === "?") {
      one("#keys")?.showModal();
    } else if (event.key === "Enter" && row >= 0 && event.target === document.body) {
      one("a[href]", rows()[row])?.click();
    }
  }

  // ---- Live: the page asks for itself again while somebody looks at it.
  const FIRST_WAIT = 1000;
  const LONGEST_WAIT = 30000;
  let timer = 0;
  let wait = FIRST_WAIT;

  function every() {
    const seconds = all("[data-live]").map((element) => Number(element.dataset.live)).filter((value) => value > 0);
    return seconds.length ? Math.min(...seconds) * 1000 : 0;
  }

  function isInUse(element) {
    return element.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
      || one("input:checked", element) || one("details[open]", element);
  }

  function take(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const element of all("[data-live]")) {
      const news = element.id && fresh.getElementById(element.id);
      if (!news || isInUse(element) || element.dataset.seen === news.innerHTML) continue;
      element.dataset.seen = news.innerHTML;
      element.replaceChildren(...news.childNodes);
      element.dataset.live = news.dataset.live;
      localise(element);
    }
    if (row >= 0) move(0);
  }

  async function refresh() {
    clearTimeout(timer);
    if (document.hidden || !every()) return;
    const away = one("#away");
    try {
      const answer = await fetch(location.href, { headers: { "X-Cronbus-Fragment": "1" }, redirect: "manual" });
      if (answer.status === 401) {
        away.textContent = away.dataset.signedOut;
        away.hidden = false;
        return;
      }
      if (!answer.ok) throw new Error(answer.statusText);
      take(await answer.text());
      away.hidden = true;
      wait = FIRST_WAIT;
      timer = setTimeout(refresh, every());
    } catch {
      away.hidden = false;
      wait = Math.min(wait * 2, LONGEST_WAIT);
      timer = setTimeout(refresh, wait);
    }
  }

  // ---- Small conveniences.
  function chooseAll(event) {
    if (!event.target.matches("[data-all]")) return;
    for (const box of all(`input[name="${event.target.dataset.all}"]`)) box.checked = event.target.checked;
  }

  function sendOnChange(event) {
    if (event.target.matches("select") && event.target.form?.matches("[data-auto]")) event.target.form.requestSubmit();
  }

  // Fields that were left empty say nothing in the address.
  function leaveOutEmpty(event) {
    if (event.target.method !== "get") return;
    for (const field of all("input, select", event.target)) if (!field.value) field.disabled = true;
  }

  localise(document);
  document.addEventListener("keydown", pressed);
  document.addEventListener("change", chooseAll);
  document.addEventListener("change", sendOnChange);
  document.addEventListener("submit", leaveOutEmpty);
  window.addEventListener("pageshow", () => all("form[method=get] :disabled").forEach((field) => { field.disabled = false; }));
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
  timer = setTimeout(refresh, every() || LONGEST_WAIT);
  window.cronbus = { localise, refresh, isLive: () => timer !== 0 };
})();
