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

// ── sources ────────────────────────────────────────────────────────────────────────────────────────────────────────

// The words that a numbered mark cites: marked in the article when it is on this page, else shown beside the mark.
const HEADLINE = -1, STANDFIRST = -2;
const card = document.createElement("div");
card.className = "cite-card";
card.setAttribute("role", "tooltip");
card.id = "cite-card";
card.hidden = true;
document.body.append(card);

function citedRange(link) {
  const [article, place] = link.dataset.cite.split(":");
  if (!open || open.dataset.article !== article || !("highlights" in CSS)) return null;
  const [paragraph, start, end] = place.split(".").map(Number);
  const element = paragraph === HEADLINE ? open.querySelector("h1")
    : paragraph === STANDFIRST ? open.querySelector(".article-head .standfirst")
      : document.getElementById(`p-${paragraph + 1}`);
  if (!element) return null;
  const points = [...textOf(element)];
  const unit = (point) => points.slice(0, point).join("").length; // places are counted in code points
  return rangeIn(element, unit(start), unit(end));
}

// The text of a paragraph as places count it: a dateline that we set before it does not belong to it.
function textNodes(element) {
  const nodes = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest(".dateline")) nodes.push(node);
  }
  return nodes;
}

const textOf = (element) => textNodes(element).map((node) => node.data).join("");

function rangeIn(element, start, end) {
  const range = document.createRange();
  let seen = 0;
  let begun = false;
  for (const node of textNodes(element)) {
    if (!begun && start < seen + node.length) {
      range.setStart(node, start - seen);
      begun = true;
    }
    if (begun && end <= seen + node.length) {
      range.setEnd(node, end - seen);
      return range;
    }
    seen += node.length;
  }
  return null;
}

function showCited(link, { scroll = false } = {}) {
  const range = citedRange(link);
  if (range) {
    CSS.highlights.set("cited", new Highlight(range));
    const box = range.getBoundingClientRect();
    const isSeen = box.top >= 0 && box.bottom <= innerHeight;
    if (scroll && !isSeen) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      scrollBy({ top: box.top - innerHeight / 3, behavior: still ? "auto" : "smooth" });
    }
    if (isSeen || scroll) return true;
  }
  const words = document.createElement("p");
  const from = document.createElement("p");
  words.textContent = `“${link.dataset.words}”`;
  from.textContent = link.dataset.from;
  card.replaceChildren(words, from);
  card.hidden = false;
  const at = link.getBoundingClientRect();
  const below = at.bottom + 8 + card.offsetHeight < innerHeight;
  card.style.left = `${Math.max(8, Math.min(at.left - 16, innerWidth - card.offsetWidth - 8))}px`;
  card.style.top = `${below ? at.bottom + 8 : Math.max(8, at.top - card.offsetHeight - 8)}px`;
  link.setAttribute("aria-describedby", card.id);
  return false;
}

function hideCited(link) {
  card.hidden = true;
  link.removeAttribute("aria-describedby");
  if ("highlights" in CSS) CSS.highlights.delete("cited");
}

for (const [event, act] of [["pointerover", showCited], ["focusin", showCited], ["pointerout", hideCited], ["focusout", hideCited]]) {
  document.addEventListener(event, ({ target }) => {
    const link = target instanceof Element && target.closest("a[data-cite]");
    if (link && (event !== "pointerout" || link !== document.activeElement)) act(link);
  });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-cite]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && showCited(link, { scroll: true })) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  const link = document.activeElement?.closest?.("a[data-cite]");
  if (event.key === "Escape") link ? hideCited(link) : (card.hidden = true);
});

// ── asking a model ─────────────────────────────────────────────────────────────────────────────────────────────────

// A model takes a while: sentences that passed the check show as they come, and the page is loaded again at the end.
async function askModel(form) {
  const button = form.querySelector("button");
  const progress = document.createElement("div");
  progress.className = "progress";
  progress.setAttribute("role", "status");
  button.disabled = true;
  form.querySelector(".progress")?.remove();
  form.append(progress);
  progress.textContent = "Reading …";
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin",
    headers: { accept: "text/event-stream" },
  });
  const failed = (words) => {
    progress.textContent = words;
    button.disabled = false;
  };
  if (!answer.ok || !answer.body) return failed("The model could not be asked. Reload the page and try again.");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const list = document.createElement("ul");
  list.className = "claims";
  let pending = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    pending += read.value;
    const events = pending.split("\n\n");
    pending = events.pop();
    for (const event of events) {
      const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
      if (!kind) continue;
      const said = JSON.parse(data);
      if (kind === "done") {
        if (location.pathname + location.search === said) location.reload();
        else location.assign(said);
        return;
      }
      if (kind === "problem") return failed(said);
      const row = document.createElement("li");
      row.textContent = said;
      list.append(row);
      if (!list.isConnected) progress.replaceChildren("Checked so far:", list);
    }
  }
  failed("The answer broke off. What was made of it is kept: reload the page.");
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-stream]") || !("TextDecoderStream" in window)) return;
  event.preventDefault();
  askModel(event.target).catch(() => {
    // Nothing is asked a second time: it may be paid for already.
    const progress = event.target.querySelector(".progress");
    if (progress) progress.textContent = "The connection broke off. Reload the page to see what came of it.";
    event.target.querySelector("button").disabled = false;
  });
});

// ── listening ──────────────────────────────────────────────────────────────────────────────────────────────────────

// The article is read sentence by sentence, each marked as it is read: by the site's own voice where it has one, else by the browser's.
const listen = document.querySelector("[data-listen]");
const canSpeak = "speechSynthesis" in window;
let voice = listen?.dataset.voice;
if (listen && (voice || canSpeak) && "Segmenter" in Intl) {
  listen.hidden = false;
  let queue = [];
  let sound = null;
  const isOn = () => listen.getAttribute("aria-pressed") === "true";
  const stop = () => {
    queue = [];
    sound?.pause();
    sound = null;
    if (canSpeak) speechSynthesis.cancel();
    if ("highlights" in CSS) CSS.highlights.delete("cited");
    listen.setAttribute("aria-pressed", "false");
  };
  const next = () => {
    const one = queue.shift();
    if (!one) return stop();
    if ("highlights" in CSS) CSS.highlights.set("cited", new Highlight(one.range));
    if (voice) play(one);
    else speak(one);
  };
  const after = () => isOn() && next();
  const soundOf = (one) => (one.sound ??= new Audio(`${voice}?words=${one.place}`));
  const play = (one) => {
    const mine = (sound = soundOf(one));
    const giveUp = () => {
      if (mine !== sound) return; // stopped, or given up already
      sound = null;
      voice = ""; // none for this language, or none that works: the browser's, then
      if (canSpeak) speak(one);
      else stop();
    };
    mine.onended = after;
    mine.onerror = giveUp;
    mine.play().then(() => queue[0] && soundOf(queue[0]), giveUp); // the next one is made while this one is heard
  };
  const speak = ({ range }) => {
    const words = new SpeechSynthesisUtterance(range.toString());
    words.lang = listen.dataset.language || "en";
    words.onend = after;
    words.onerror = stop;
    speechSynthesis.speak(words);
  };
  listen.addEventListener("click", () => {
    if (isOn()) return stop();
    const segments = new Intl.Segmenter(listen.dataset.language || "en", { granularity: "sentence" });
    for (const paragraph of document.querySelectorAll(".article-head h1, .article-head .standfirst, .body p")) {
      const number = paragraph.id ? Number(paragraph.id.slice(2)) - 1 : paragraph.tagName === "H1" ? HEADLINE : STANDFIRST;
      const text = textOf(paragraph);
      const points = (end) => [...text.slice(0, end)].length;
      for (const { index, segment } of segments.segment(text)) {
        const end = index + segment.trimEnd().length;
        const range = rangeIn(paragraph, index, end);
        if (range && /[\p{L}\p{N}]/u.test(segment)) queue.push({ range, place: `${number}.${points(index)}.${points(end)}` });
      }
    }
    listen.setAttribute("aria-pressed", "true");
    next();
  });
  addEventListener("pagehide", stop);
}

// ── since the last visit ───────────────────────────────────────────────────────────────────────────────────────────

// Which story was read when stays in this browser; the link asks for what was published since.
const since = document.querySelector("[data-since]");
if (since) {
  const name = `read-story-${since.dataset.since}`;
  try {
    const last = localStorage.getItem(name);
    const link = since.querySelector("a");
    if (last && Date.now() - Date.parse(last) > 60000) {
      link.href = `${link.pathname}?since=${encodeURIComponent(last)}`;
      link.textContent = "What is new since you were last here";
    }
    localStorage.setItem(name, new Date().toISOString());
  } catch { /* storage may be switched off: then the link asks for the last day */ }
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
