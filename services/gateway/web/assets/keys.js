// Keys of one letter, where the person wants them (WCAG 2.1.4): whatever has data-key is clicked, or takes the focus.
import { say } from "./page.js";

const OFF = "simpul-keys-off";
const panel = document.querySelector(".keys");
const choice = panel.querySelector("[data-keys-switch]");
const walked = document.querySelector("[data-walk]");

panel.hidden = false;
choice.checked = !localStorage.getItem(OFF);
choice.addEventListener("change", () => {
  if (choice.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
  show();
});

function show() {
  document.documentElement.classList.toggle("no-keys", !choice.checked);
}

/** Whether letters that are typed here are meant as text, or choose something. */
function takesText(element) {
  return element.matches("select, textarea, input:not([type=radio], [type=checkbox])") || element.isContentEditable;
}

function walk(by) {
  const rows = [...walked.querySelectorAll("a.name")];
  const here = rows.indexOf(document.activeElement);
  rows[here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1)]?.focus();
}

function use(target) {
  if (target.matches("input")) return target.focus();
  if (target.matches("details")) {
    target.open = true;
    return target.querySelector("input:not([type=hidden])").focus();
  }
  const form = target.closest("form");
  if ("needsReason" in target.dataset && !form.querySelector("[name=reason]:checked")) {
    say(form.dataset.missing);
    return form.querySelector("[name=reason]").focus();
  }
  target.click();
}

document.addEventListener("keydown", (event) => {
  if (!choice.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (takesText(event.target)) return;
  const key = event.key.toLowerCase();
  const target = key.length === 1 && /[a-z]/.test(key) && document.querySelector(`[data-key="${key}"]`);
  if (target) use(target);
  else if (walked && (key === "j" || key === "k")) walk(key === "j" ? 1 : -1);
  else return;
  event.preventDefault();
});
show();
