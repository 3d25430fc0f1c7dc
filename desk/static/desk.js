// The keyboard of the desk, and what must happen when an order is saved. No page depends on it to be usable.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-deciding]");
  const inField = (e) => /^(input|textarea|select)$/i.test(e.target.tagName) && !/^(radio|checkbox|submit|button)$/.test(e.target.type || "");

  const choose = (name) => {
    const radio = form && form.querySelector(`input[name=choice][data-key="${name}"]`);
    if (!radio) return false;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    const why = form.querySelector("[name=why]");
    (name === "0" || !why ? radio : why).focus();
    return true;
  };

  document.addEventListener("change", (e) => {
    if (e.target.name !== "choice") return;
    const scope = e.target.form;
    const unit = scope.querySelector("[name=unit]");
    if (unit && e.target.dataset.unit !== undefined) unit.value = e.target.dataset.unit;
    const other = scope.querySelector("[data-other]");
    if (other) other.hidden = e.target.value !== "other";
    const live = document.getElementById("spoken");
    if (live) live.textContent = "已选：" + e.target.closest("label").innerText.split("\n")[0];
  });

  document.addEventListener("keydown", (e) => {
    if (!form || e.isComposing) return;
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter") {
      const accept = form.querySelector("button[data-accept]");
      if (accept) { e.preventDefault(); form.requestSubmit(accept); }
      return;
    }
    const key = e.code.startsWith("Digit") ? e.code.slice(5) : e.key.toLowerCase();
    const bare = !inField(e) && !e.ctrlKey && !e.metaKey && !e.altKey;
    if (!(e.altKey && !e.ctrlKey) && !bare) return;
    if (/^[0-5]$/.test(key) || key === "o" || key === "r") { if (choose(key)) e.preventDefault(); }
    else if (key === "s") {
      const split = document.getElementById("split");
      if (split) { e.preventDefault(); split.open = true; split.querySelector("textarea").focus(); }
    } else if (key === "n") {
      const text = form.querySelector("textarea[name=text]");
      if (text) { e.preventDefault(); text.focus(); text.select(); }
    }
  });

  document.body.addEventListener("orderSaved", () => {
    if (!form) return;
    form.reset();
    for (const id of ["said", "deciding"]) {
      const part = document.getElementById(id);
      if (part) part.replaceChildren();
    }
    const text = form.querySelector("textarea[name=text]");
    if (text) text.focus();
  });

  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-print]")) window.print();
  });
});
