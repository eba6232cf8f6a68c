// The log of a run as it is written. What runs print is put into the page as text, never as markup.
"use strict";

(() => {
  const log = document.getElementById("log");
  if (!log) return;
  const search = document.getElementById("log-search");
  const follow = document.getElementById("log-follow");
  const count = document.getElementById("log-count");
  const classes = { stdout: "out", stderr: "err", system: "sys" };
  const MOST_LINES = 20000;
  const found = document.getElementById("found");
  search.hidden = false;
  document.getElementById("log-tail").hidden = log.dataset.over === "true";

  // Escape sequences (ECMA-48) and control characters; the server leaves out the same of what stands in the page.
  const ESCAPES = /\u001b\[[\x20-\x3f]*[@-~]?|\u001b[\]PX^_][^\n\u0007\u001b\u009c]*(?:\u0007|\u009c|\u001b\\)?|\u001b[\x20-\x2f]+.?|\u001b.?|\u009b[\x20-\x3f]*[@-~]?/g;
  const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
  const plain = (text) => text.replace(ESCAPES, "").replace(/\r\n/g, "\n").replace(/[^\n]*\r/g, "").replace(CONTROLS, "");

  const open = {};
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder(), system: new TextDecoder() };

  function textOf(chunk) {
    if (chunk.text !== undefined) return chunk.text;
    const bytes = Uint8Array.from(atob(chunk.base64 || ""), (letter) => letter.charCodeAt(0));
    return decoders[chunk.stream].decode(bytes, { stream: true });
  }

  let last = log.lastElementChild;
  let lastStream = last ? Object.keys(classes).find((stream) => last.classList.contains(classes[stream])) : "";

  function add(chunk) {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    // What may be the beginning of an escape sequence waits for the rest of it.
    let text = (open[chunk.stream] || "") + textOf(chunk);
    const cut = text.lastIndexOf("\u001b");
    const waits = cut >= 0 && text.length - cut < 64 && !/\u001b\[[\x20-\x3f]*[@-~]/.test(text.slice(cut)) ? cut : text.length;
    open[chunk.stream] = text.slice(waits);
    text = plain(text.slice(0, waits));
    const parts = text.split(/(?<=\n)/);
    const fresh = document.createDocumentFragment();
    for (const part of parts) {
      const goesOn = last && lastStream === chunk.stream && !last.textContent.endsWith("\n");
      if (goesOn) { last.append(part); } else {
        last = document.createElement("span");
        last.className = classes[chunk.stream] || "out";
        last.append(part);
        fresh.append(last);
      }
      lastStream = chunk.stream;
      narrow(last);
    }
    log.append(fresh);
    while (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
    if (follow.checked && isAtEnd) log.scrollTop = log.scrollHeight;
  }

  // ---- Search: lines that have the text stay.
  function narrow(line) {
    if (!search.value) return;
    line.classList.toggle("is-found", line.textContent.toLowerCase().includes(search.value.toLowerCase()));
  }

  function searched() {
    log.classList.toggle("is-narrowed", Boolean(search.value));
    for (const line of log.children) {
      line.classList.remove("is-found");
      narrow(line);
    }
    count.textContent = search.value ? log.dataset.found.replace("#", log.querySelectorAll(".is-found").length) : "";
  }

  search.addEventListener("input", searched);

  // ---- Live: events from where the page ends. The browser connects again by itself, and says where it was.
  let events = null;

  function listen(next) {
    events = new EventSource(`/runs/${log.dataset.run}/log?follow=true&from=${next}`);
    events.addEventListener("chunk", (event) => add(JSON.parse(event.data)));
    events.addEventListener("lack", (event) => add({ stream: "system", text: `${JSON.parse(event.data).detail}\n` }));
    events.addEventListener("problem", (event) => { add({ stream: "system", text: `${JSON.parse(event.data).detail}\n` }); events.close(); });
    events.addEventListener("end", () => {
      events.close();
      document.getElementById("log-tail").hidden = true;
      if (!log.childElementCount) log.textContent = log.dataset.none;
      window.cronbus?.refresh();
    });
  }

  const isWhole = log.dataset.complete === "true" && log.dataset.over === "true";
  if (isWhole) {
    if (!log.childElementCount) log.textContent = log.dataset.none;
  } else {
    listen(log.dataset.next);
    if (!found) log.scrollTop = log.scrollHeight;
  }
  if (found) { follow.checked = false; found.scrollIntoView({ block: "center" }); }
  window.addEventListener("pagehide", () => events?.close());
})();
