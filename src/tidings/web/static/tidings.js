// Comfort for readers with JavaScript; every page is complete without this file.
// Text reaches the page through textContent only, never as markup (the site's policy demands Trusted Types).
"use strict";

const formToken = document.body.dataset.formToken;
const rows = () => [...document.querySelectorAll("[data-row]")];
let here = -1;

// ── times ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const ages = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" });

function age(date) {
  const seconds = (date - Date.now()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 45) return seconds <= 0 ? "just now" : "in a moment";
  if (distance < 3570) return ages.format(Math.round(seconds / 60) || Math.sign(seconds), "minute");
  if (distance < 84600) return ages.format(Math.round(seconds / 3600), "hour");
  if (distance < 29.5 * 86400) return ages.format(Math.round(seconds / 86400), "day");
  return null;
}

function freshenTimes() {
  for (const time of document.querySelectorAll("time[title]")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    if (!time.dataset.utc) {
      time.dataset.utc = time.title;
      time.title = `${moments.format(date)} here (${time.title})`;
    }
    const words = "clock" in time.dataset ? null : age(date);
    if (words && words !== time.textContent) time.textContent = words;
  }
}

// ── marks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button && button.name) fields.set(button.name, button.value);
  const answer = await fetch(form.action, {
    method: "POST", body: fields, credentials: "same-origin", headers: { accept: "application/json" },
  });
  if (!answer.ok) throw new Error(String(answer.status));
}

async function toggle(form) {
  const button = form.querySelector("button");
  const on = button.getAttribute("aria-pressed") !== "true";
  try {
    await send(form, button);
  } catch {
    form.submit(); // without the script the page itself says what is wrong
    return;
  }
  button.setAttribute("aria-pressed", String(on));
  button.value = String(!on);
  button.textContent = on ? button.dataset.on : button.dataset.off;
  if (form.dataset.mark === "read") form.closest("[data-row]")?.classList.toggle("is-read", on);
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-mark]")) {
    event.preventDefault();
    toggle(event.target);
  }
});

// An article that has been open and seen for a few seconds is read.
const open = document.querySelector("[data-article]");
if (open && formToken) {
  const form = open.querySelector('.article-head form[data-mark="read"]');
  const unread = form?.querySelector("button[aria-pressed=false]");
  if (unread) {
    let timer = 0;
    const watch = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") timer = setTimeout(() => {
        if (unread.getAttribute("aria-pressed") === "false") toggle(form);
      }, 4000);
    };
    document.addEventListener("visibilitychange", watch);
    watch();
  }
}

// ── sharing ────────────────────────────────────────────────────────────────────────────────────────────────────────

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share && !navigator.clipboard) continue;
  button.hidden = false;
  if (!navigator.share) button.textContent = "Copy link";
  button.addEventListener("click", async () => {
    const url = location.origin + location.pathname;
    try {
      if (navigator.share) await navigator.share({ title: button.dataset.title, url });
      else {
        await navigator.clipboard.writeText(url);
        button.textContent = "Link copied";
      }
    } catch { /* the reader thought better of it */ }
  });
}

// ── appearance ─────────────────────────────────────────────────────────────────────────────────────────────────────

document.querySelector("form.theme")?.addEventListener("submit", (event) => {
  const theme = event.submitter?.value;
  if (!theme) return;
  event.preventDefault();
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `tidings_theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.querySelector('meta[name="color-scheme"]').content = theme === "auto" ? "light dark" : theme;
  for (const button of event.target.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
});

// ── keys ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function go(step) {
  const all = rows();
  if (!all.length) return;
  all[here]?.classList.remove("is-here");
  here = Math.max(0, Math.min(all.length - 1, here + step));
  const row = all[here];
  row.classList.add("is-here");
  row.querySelector("[data-open]")?.focus({ preventScroll: true });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  row.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
}

function press(name) {
  const place = rows()[here] ?? document.querySelector(".article-head");
  place?.querySelector(`form[data-mark="${name}"]`)?.requestSubmit();
}

const dialog = document.getElementById("keys");
const keys = {
  j: () => go(1),
  k: () => go(here < 0 ? 1 : -1),
  o: () => rows()[here]?.querySelector("[data-open]")?.click(),
  v: () => {
    const place = rows()[here] ?? document.querySelector("[data-article]");
    if (place?.dataset.original) window.open(place.dataset.original, "_blank", "noopener");
  },
  m: () => press("read"),
  s: () => press("saved"),
  "/": () => {
    const boxes = [document.getElementById("q"), document.getElementById("quick-q")];
    const box = boxes.find((candidate) => candidate?.offsetParent);
    if (box) box.focus();
    else location.assign("/search");
  },
  "?": () => dialog.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
  if (event.target.matches("input, select, textarea, [contenteditable]")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  const all = rows();
  if (row && all[here] !== row) {
    all[here]?.classList.remove("is-here");
    here = all.indexOf(row);
  }
});

const showKeys = document.getElementById("show-keys");
showKeys.hidden = false;
showKeys.addEventListener("click", () => dialog.showModal());

// ── pictures that do not come ──────────────────────────────────────────────────────────────────────────────────────

function dropPicture(picture) {
  picture.classList.add("is-missing");
  picture.closest(".has-picture")?.classList.remove("has-picture");
}
for (const picture of document.querySelectorAll("img.picture")) {
  if (picture.complete && !picture.naturalWidth) dropPicture(picture);
  else picture.addEventListener("error", () => dropPicture(picture));
}

// ── news ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const notice = document.getElementById("news");
const live = document.querySelector("[data-live]");
if (live && "EventSource" in window) {
  const fresh = new Set();
  const only = Number(live.dataset.live); // a story's page asks about that story; 0: any
  const source = new EventSource("/events");
  source.addEventListener("stories", (event) => {
    const { stories } = JSON.parse(event.data);
    if (only && !stories.includes(only)) return; // too many to name: a story's page is not troubled with it
    for (const id of stories) fresh.add(id);
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = only ? "Show it" : "Show them";
    const count = only ? "This story has grown or changed. " : fresh.size === 1 ? "One story is new or has grown. " : `${fresh.size || "Some"} stories are new or have grown. `;
    notice.replaceChildren(count, link);
    notice.hidden = false;
  });
  addEventListener("pagehide", () => source.close());
}

freshenTimes();
setInterval(freshenTimes, 30000);
