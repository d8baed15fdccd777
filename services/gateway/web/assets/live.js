// Rows that change while one looks, and are acted on in place. One stream for all tabs of a browser.
import { element, fetchPart, replace, say, tick } from "./page.js";

const status = document.getElementById("live");
const list = document.getElementById("rows");
const channel = new BroadcastChannel("simpul");
const words = status.dataset;
const RETRY = [1000, 2000, 5000, 10000, 30000];
let cursor = "", changed = "", failures = 0, over = false, caughtUp = false;

// -- what the page says about itself

function show(state, text) {
  status.classList.toggle("on", state === "on");
  status.classList.toggle("off", state === "off");
  if (status.textContent !== text) status.textContent = text;
}

function showLive() {
  show("on", changed ? `${words.on} · ${words.changed} ${changed}` : words.on);
}

function showOver() {
  over = true;
  show("off", words.over);
  say(words.over);
}

function now() {
  const format = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: words.zone };
  return new Date().toLocaleTimeString(words.lang === "id" ? "id-ID" : "en-GB", format);
}

// -- one stream per browser: whoever holds the lock reads it, and tells the others

function heard(message) {
  if (message.kind === "event") {
    cursor = message.cursor || cursor;
    if (message.alert) changes.add(message.alert), schedule();
    changed = now();
    showLive();
  } else if (message.kind === "on") {
    cursor = message.cursor || cursor;
    if (!over) showLive();
    if (message.gap || !caughtUp) refreshList(); // what happened since the page was made, or while nobody listened
    caughtUp = true;
  } else if (message.kind === "retry") show("", words.retry);
  else if (message.kind === "off") show("off", words.off);
  else if (message.kind === "over") showOver();
  else if (message.kind === "ask" && leading) tell({ kind: "on", cursor });
}

function tell(message) {
  channel.postMessage(message);
  heard(message);
}

let leading = false;
channel.onmessage = ({ data }) => heard(data);

function lead() {
  leading = true;
  return new Promise(() => open());
}

function open() {
  const stream = new EventSource(cursor ? `/live?after=${encodeURIComponent(cursor)}` : "/live");
  stream.onopen = () => {
    tell({ kind: "on", cursor, gap: !cursor || failures > 0 });
    failures = 0;
  };
  for (const name of ["alert.raised", "alert.acknowledged", "alert.resolved"])
    stream.addEventListener(name, (event) =>
      tell({ kind: "event", cursor: event.lastEventId, alert: JSON.parse(event.data).alert }));
  stream.addEventListener("ended", () => (stream.close(), again()));
  stream.onerror = () => (stream.close(), again());
}

async function again() {
  failures += 1;
  tell({ kind: failures > 3 ? "off" : "retry" });
  const answer = await fetchPart("/session").catch(() => ({ status: 0 }));
  if (answer.status === 401) return tell({ kind: "over" });
  if (failures > 1) cursor = ""; // perhaps it is older than what is kept: begin anew, and read everything again
  setTimeout(open, RETRY[Math.min(failures - 1, RETRY.length - 1)]);
}

// -- rows

const changes = new Set();
let waiting = 0;

function schedule() {
  waiting ||= setTimeout(async () => {
    waiting = 0;
    const names = [...changes];
    changes.clear();
    await Promise.all(names.map(refresh));
    if (list) refreshCounts();
  }, 40);
}

async function refresh(alert) {
  const here = document.querySelector("[data-page]");
  if (here && here.id === `alert-${alert}` && !here.contains(document.activeElement)) return location.reload();
  if (!list) return;
  const path = list.dataset.rows.replace("{id}", alert);
  const { status: code, html } = await fetchPart(`${path}?${list.dataset.query}`);
  if (code === 401) return showOver();
  put(`alert-${alert}`, code === 200 ? element(html) : null);
}

function put(id, row) {
  const old = document.getElementById(id);
  if (!row) {
    if (old?.contains(document.activeElement)) (old.nextElementSibling ?? old.previousElementSibling)?.querySelector("a")?.focus();
    old?.remove();
  } else if (old?.dataset.order === row.dataset.order) replace(old, row);
  else {
    const focus = old?.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    old?.remove();
    const behind = [...list.children].find((other) => other.dataset.order > row.dataset.order);
    list.insertBefore(row, behind ?? null);
    if (focus) (row.querySelector(`[data-focus="${focus}"]`) ?? row.querySelector('[data-focus="name"]')).focus();
    if (!old) announce(row);
  }
  if (row && old) say(row.dataset.say);
  document.getElementById("none").hidden = list.children.length > 0;
  tick();
}

function announce(row) {
  say(row.dataset.say);
  if (row.classList.contains("critical") && document.hidden && !document.title.startsWith("("))
    document.title = `(${words.new}) ${document.title}`;
}

async function refreshCounts() {
  const { status: code, html } = await fetchPart("/alerts/counts");
  const place = document.getElementById("counts"), fresh = code === 200 && element(html);
  if (fresh && !place.contains(document.activeElement)) place.replaceChildren(fresh);
}

async function refreshList() {
  if (!list) return;
  const { status: code, html } = await fetchPart(location.href);
  if (code === 401) return showOver();
  if (code !== 200) return;
  const fresh = [...element(`<div>${html}</div>`).querySelectorAll("#rows > li")];
  const names = new Set(fresh.map((row) => row.id));
  for (const old of [...list.children]) if (!names.has(old.id)) put(old.id, null);
  for (const row of fresh)
    if (document.getElementById(row.id)?.dataset.version !== row.dataset.version) put(row.id, row);
  refreshCounts();
}

// -- acting in place: what the form would do, without leaving the list

document.addEventListener("submit", async (event) => {
  const form = event.target, row = form.dataset.row && document.getElementById(form.dataset.row);
  if (!row || !list) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  try {
    const body = new URLSearchParams(new FormData(form));
    const { status: code, html } = await fetchPart(form.action, { method: "POST", body });
    if (code === 401) return showOver();
    const fresh = code === 200 || code === 409 ? element(html) : null;
    if (!fresh) return say(html);
    replace(row, fresh);
    say(fresh.querySelector(".notice")?.textContent ?? fresh.dataset.say);
    refreshCounts();
  } catch {
    say(words.off);
  } finally {
    delete form.dataset.sent;
    button.removeAttribute("aria-disabled");
  }
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = document.title.replace(/^\([^)]*\) /, "");
});
function remind() {
  if (over || remind.done || Date.parse(words.end) - Date.now() > 600000) return;
  remind.done = true;
  const warning = document.createElement("p");
  warning.className = "notice";
  warning.setAttribute("role", "alert");
  warning.textContent = words.ending;
  status.after(warning);
}

remind();
setInterval(() => (tick(), remind()), 10000);
navigator.locks.request("simpul-live", lead);
channel.postMessage({ kind: "ask" });
