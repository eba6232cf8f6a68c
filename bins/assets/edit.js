// What a job's form would mean, while it is written: faults at their fields, next due moments, the same as TOML.
"use strict";

(() => {
  const form = document.getElementById("edit");
  if (!form) return;
  const WAIT = 350;
  let timer = 0;
  let asked = 0;

  function show(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const id of ["preview", "faults"]) {
      const [old, news] = [document.getElementById(id), fresh.getElementById(id)];
      if (old && news) old.replaceChildren(...news.childNodes);
    }
    for (const place of form.querySelectorAll("[data-fault]")) {
      const fault = fresh.querySelector(`#edit [data-fault="${place.dataset.fault}"]`)?.textContent ?? "";
      // A field that nobody has touched is not complained about yet.
      const field = form.elements[place.dataset.fault];
      const isTold = fault && field && (field.value || field.dataset.touched);
      place.textContent = isTold ? fault : "";
      field?.setAttribute("aria-invalid", String(Boolean(isTold)));
    }
    const toml = fresh.getElementById("toml")?.value;
    const own = document.getElementById("toml");
    if (toml && own && document.activeElement !== own) own.value = toml;
    window.cronbus?.localise(document);
  }

  async function ask() {
    const turn = ++asked;
    const answer = await fetch("/jobs/preview", { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.ok && turn === asked) show(await answer.text());
  }

  function kinds() {
    const kind = form.elements["command.kind"].value;
    for (const field of form.querySelectorAll("[name^='command.']")) {
      const name = field.name;
      if (name === "command.kind") continue;
      const belongs = kind === "http" ? name.startsWith("command.http.") : kind === "shell" && !name.startsWith("command.http.");
      field.closest(".field").hidden = !belongs;
    }
  }

  form.addEventListener("input", (event) => {
    event.target.dataset.touched = "1";
    kinds();
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(() => {}), WAIT);
  });
  kinds();
})();
