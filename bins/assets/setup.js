// The secret of the set-up link stands behind its "#": it goes into the form, and out of the address.
"use strict";

(() => {
  const field = document.getElementById("link");
  const secret = location.hash.slice(1);
  if (!field || !secret) return;
  field.value = secret;
  field.hidden = true;
  document.querySelector("label[for=link]").hidden = true;
  history.replaceState(null, "", location.pathname);
  document.getElementById("name").focus();
})();
