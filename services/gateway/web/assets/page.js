// What every script shares: the one way from text to HTML, what is said aloud, and clocks that run.
const policy = window.trustedTypes
  ? trustedTypes.createPolicy("simpul", { createHTML: (text) => text })
  : { createHTML: (text) => text };

/** The first element of HTML that this server rendered, or null. */
export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html.trim());
  return template.content.firstElementChild;
}

/** Says something to people who see the page and to those who hear it. */
export function say(text) {
  const place = document.getElementById("said");
  place.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (place.textContent = ""), 8000);
}

/** A part of a page as the server shows it now: {status, html}. */
export async function fetchPart(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { "X-Fragment": "1", ...options.headers } });
  return { status: answer.status, html: await answer.text() };
}

/** Puts `fresh` in the place of `old`; focus stays on what it was on, or goes to the row's name. */
export function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (focused) {
    const same = fresh.querySelector(`[data-focus="${focused.dataset.focus}"]`);
    (same ?? fresh.querySelector('[data-focus="name"]'))?.focus();
  }
}

function span(seconds, [day, hour, minute]) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const parts = [[Math.floor(minutes / 1440), day], [Math.floor(minutes / 60) % 24, hour], [minutes % 60, minute]];
  const shown = parts.filter(([count]) => count).slice(0, 2);
  return (shown.length ? shown : [[0, minute]]).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** Every clock of the page, as of now. */
export function tick() {
  const { left, late: over, units } = document.getElementById("live").dataset;
  for (const clock of document.querySelectorAll("[data-until]")) {
    const seconds = (Date.parse(clock.dataset.until) - Date.now()) / 1000;
    const late = seconds < 0, text = span(seconds, units.split(" "));
    clock.classList.toggle("late", late);
    clock.textContent = (late ? over : left).replace("{}", text);
  }
}
