"""The site in a real browser: the way through it, keys, without JavaScript, and whether everybody can read it."""

from __future__ import annotations

import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.browsing import PASSWORD
from tests.web.newsroom import NOW, PIECES, Letters, Newsroom, Shelf, fill, revise
from tests.web.test_claims import SPEAK
from tidings.app import Tidings
from tidings.config import Settings
from tidings.store.postgres import PostgresStore
from tidings.web import create_app

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Lantern</title><link>https://lantern.example/</link>
<item><title>Lamp lit</title><link>https://lantern.example/1</link><guid>1</guid></item></channel></rss>"""

PATHS = [
    "/",
    "/latest",
    "/story/{story}",
    "/article/{article}",
    "/article/{ko}",
    "/article/{article}/diff?from=1&to=2",
    "/article/{article}/revisions",
    "/article/{article}/ask?q=Who+is+the+mayor%3F",
    "/article/{article}/translate",
    "/article/{article}/simple",
    "/story/{story}/compare",
    "/story/{story}/new",
    "/brief",
    "/ask?q=When+did+the+tunnel+open%3F",
    "/corrections",
    "/tags",
    "/tag/tunnel",
    "/publishers",
    "/publisher/1",
    "/search",
    "/feeds",
    "/about",
    "/login",
    "/nothing-here",
]


# ── the site, served ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="module")
def tidings(dsn: str, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tidings]:
    store = PostgresStore(dsn)
    settings = Settings(home=Path(tmp_path_factory.mktemp("home")))
    instance = Tidings(
        settings,
        store=store,
        fetcher=shelf,  # type: ignore[arg-type]
        embedder=Letters(),
        clock=lambda: NOW,
    )
    instance.set_password(PASSWORD)
    yield instance
    store.close()


@pytest.fixture(scope="module")
def newsroom(tidings: Tidings) -> Newsroom:
    filled = fill(tidings.store)
    paragraphs = (PIECES[0].paragraphs[0].replace("nine", "eleven"), *PIECES[0].paragraphs[1:])
    revise(tidings.store, filled, PIECES[0], paragraphs, "An earlier version gave nine years.")
    return filled


@pytest.fixture(scope="module")
def site(tidings: Tidings, newsroom: Newsroom) -> Iterator[str]:
    """The address under which the site is served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(tidings),
            port=port,
            log_level="error",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


Window = Callable[..., BrowserContext]


@pytest.fixture
def window(browser: Browser, site: str) -> Iterator[Window]:
    """Open a window of its own: `width` in pixels, `theme` light or dark, `script` off for none; errors fail the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(*, width: int = 1280, theme: str = "light", script: bool = True) -> BrowserContext:
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on(
            "console",
            lambda told: (
                faults.append(told.text)
                if told.type == "error" and "Failed to load resource" not in told.text
                else None
            ),
        )
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert faults == []


def path_of(path: str, newsroom: Newsroom) -> str:
    ids = newsroom.articles
    return path.format(story=newsroom.stories[1], article=ids["opens"], ko=ids["ko"])


def log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Saved")).to_be_visible()


# ── the way through ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("script", [True, False])
def test_from_the_front_page_through_a_story_to_an_article_and_back(window: Window, script: bool) -> None:
    page = window(script=script).new_page()
    page.goto("/")
    page.get_by_role("heading", level=2).first.get_by_role("link").click()
    expect(page.get_by_text("What happened when")).to_be_visible()
    page.get_by_text("The same Concord Wire report ran in Post").click()
    expect(page.get_by_role("link", name="Tunnel under the harbour opens")).to_be_visible()
    page.get_by_role("link", name="Harbour tunnel opens to traffic", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Harbour tunnel opens to traffic")).to_be_visible()
    assert (
        page.get_by_role("link", name="Read at Courier").get_attribute("href")
        == "https://courier.example/opens"
    )
    page.get_by_role("link", name=re.compile("This article changed")).click()
    page.get_by_role("link", name="What changed").click()
    expect(page.locator("ins", has_text="eleven")).to_be_visible()
    page.get_by_role("link", name="Tidings").first.click()
    expect(page).to_have_url(re.compile(r"/$"))


@pytest.mark.parametrize("script", [True, False])
def test_a_feed_of_ones_own_is_followed(window: Window, shelf: Shelf, tidings: Tidings, script: bool) -> None:
    host = f"lantern-{script}.example".lower()
    shelf.answers[f"https://{host}/feed"] = ("application/rss+xml", FEED)
    page = window(script=script).new_page()
    log_in(page)
    page.get_by_role("link", name="Feeds").first.click()
    page.get_by_label("Address of a feed or a site").fill(f"{host}/feed")
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("status").filter(has_text="Following Lantern.")).to_be_visible()
    feed = next(feed for feed in tidings.store.feeds() if host in feed.url)
    page.goto(f"/feeds/{feed.id}/remove")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("no longer followed")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_article_is_split_off_its_story_and_the_split_is_undone(
    window: Window, tidings: Tidings, newsroom: Newsroom, script: bool
) -> None:
    def carry_out() -> None:
        grouper = tidings.grouper("test")
        for correction in tidings.store.waiting_corrections():
            grouper.correct(correction)

    page = window(script=script, width=390).new_page()
    log_in(page)
    page.goto(f"/story/{newsroom.stories[1]}")
    page.get_by_role("link", name="Correct", exact=True).click()
    page.get_by_label("First queue forms in the harbour tunnel").check()
    page.get_by_role("button", name="Split the chosen off").click()
    expect(page.locator("main")).to_contain_text("waits for the worker")
    carry_out()
    page.goto(f"/story/{newsroom.articles['queue']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("First queue forms in the harbour tunnel")
    page.goto("/corrections/stories")
    page.get_by_role("button", name=re.compile("^Undo")).first.click()
    carry_out()
    assert tidings.store.story_now(newsroom.articles["queue"]) == newsroom.stories[1]


def test_search_shows_where_the_words_stand(window: Window) -> None:
    page = window(script=False).new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill("queue")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("mark", has_text="queue").first).to_be_visible()


# ── comfort ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_move_open_and_mark(window: Window) -> None:
    page = window().new_page()
    log_in(page)
    page.goto("/latest")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)
    expect(second).to_have_class(re.compile("is-here"))
    with page.expect_response("**/mark"):
        page.keyboard.press("s")
    expect(second.get_by_role("button", name="Saved")).to_be_visible()
    with page.expect_response("**/mark"):
        page.keyboard.press("m")
    expect(second).to_have_class(re.compile("is-read"))
    with page.expect_response("**/mark"):
        page.keyboard.press("s")
    with page.expect_response("**/mark"):
        page.keyboard.press("m")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 2, "y": 2})
    page.context.route("**/*.example/**", lambda route: route.fulfill(body="The publisher's own page."))
    with page.context.expect_page() as opened:
        page.keyboard.press("v")
    expect(opened.value).to_have_url(re.compile(r"^https://\w+\.example/"))
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile("/article/"))


def test_stories_are_marked_by_keys_on_the_front_page(window: Window) -> None:
    page = window().new_page()
    log_in(page)
    page.goto("/")
    page.keyboard.press("j")
    first = page.locator("[data-row]").first
    for pressed in (re.compile("is-read"), re.compile("^((?!is-read).)*$")):
        with page.expect_response("**/mark"):
            page.keyboard.press("m")
        expect(first).to_have_class(pressed)
    with page.expect_response("**/mark"):
        page.keyboard.press("s")
    expect(first.get_by_role("button", name="Saved")).to_be_visible()
    with page.expect_response("**/mark"):
        page.keyboard.press("s")


@pytest.mark.parametrize("script", [True, False])
def test_the_appearance_is_chosen_and_remembered(window: Window, script: bool) -> None:
    page = window(script=script).new_page()
    page.goto("/about")
    light = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") if script else ""
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/latest")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    if script:
        assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") != light


@pytest.mark.parametrize(
    ("payload", "told"),
    [("3", "One story is new or has grown."), ("many", "Some stories are new or have grown.")],
)
def test_new_stories_are_told_without_reloading(
    window: Window, tidings: Tidings, payload: str, told: str
) -> None:
    page = window().new_page()
    with page.expect_response("**/events"):
        page.goto("/")
    news = page.locator("#news")
    for _ in range(50):
        with tidings.store.database.own_connection() as connection:  # type: ignore[attr-defined]
            connection.execute("SELECT pg_notify('stories', %s)", (payload,))
        page.wait_for_timeout(200)
        if news.is_visible():
            break
    expect(news).to_contain_text(told)
    news.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_storys_page_tells_only_of_its_own_story(
    window: Window, tidings: Tidings, newsroom: Newsroom
) -> None:
    page = window().new_page()
    with page.expect_response("**/events"):
        page.goto(path_of("/story/{story}", newsroom))
    own, other = newsroom.stories[1], newsroom.stories[3]
    page.wait_for_timeout(500)
    for ids, is_told in ((other, False), (own, True)):
        for _ in range(50 if is_told else 3):
            with tidings.store.database.own_connection() as connection:  # type: ignore[attr-defined]
                connection.execute("SELECT pg_notify('stories', %s)", (str(ids),))
            page.wait_for_timeout(200)
            if page.locator("#news").is_visible():
                break
        assert page.locator("#news").is_visible() is is_told
    expect(page.locator("#news")).to_contain_text("This story has grown or changed.")


# ── for everybody ────────────────────────────────────────────────────────────────────────────────────────────────────

# What automatic checkers look for, computed in the page: text against what lies behind it (WCAG 2.2, 1.4.3), names of
# controls (4.1.2), sizes of targets (2.5.8; links within a sentence are excepted there), landmarks, order of headings.
AUDIT = """() => {
  const faults = [];
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const shown = (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".off, .skip, dialog:not([open])");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !shown(element) || element.closest("svg")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(style.color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    if (ratio < least) faults.push(`contrast ${ratio.toFixed(2)}: ${node.data.trim().slice(0, 40)}`);
    if (size < 12) faults.push(`small ${size}px: ${node.data.trim().slice(0, 40)}`);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!e.labels?.length && !e.getAttribute("aria-label")) faults.push(`no label: ${e.outerHTML}`);
  }
  for (const e of document.querySelectorAll("a, button, summary")) {
    if (!shown(e)) continue;
    if (!e.textContent.trim() && !e.getAttribute("aria-label")) faults.push(`no name: ${e.outerHTML.slice(0, 80)}`);
    const {width, height} = e.getBoundingClientRect();
    const inText = e.matches("p a, li a, h1 a, h2 a, h3 a, h4 a, dd a") && !e.matches(".button, nav a");
    if (!inText && width && (height < 24 || width < 20)) faults.push(`target ${width}x${height}: ${e.textContent.trim()}`);
  }
  for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) faults.push(`no alt: ${e.src}`);
  for (const [role, least, most] of [["main", 1, 1], ["header.masthead", 1, 1], ["footer.colophon", 1, 1], ["h1", 1, 1]]) {
    const count = document.querySelectorAll(role).length;
    if (count < least || count > most) faults.push(`${count} ${role}`);
  }
  for (const e of document.querySelectorAll("nav, aside")) {
    if (!e.getAttribute("aria-label")) faults.push(`landmark without a name: ${e.outerHTML.slice(0, 80)}`);
  }
  let last = 0;
  for (const e of document.querySelectorAll("main :is(h1, h2, h3, h4, h5)")) {
    const level = Number(e.tagName[1]);
    if (level > last + 1) faults.push(`heading ${e.tagName} after H${last}: ${e.textContent.trim()}`);
    last = level;
  }
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) faults.push(`scrolls sideways by ${wide}px`);
  return faults;
}"""


def test_an_article_is_read_by_the_site_s_own_voice(
    window: Window, newsroom: Newsroom, tidings: Tidings, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (sys.executable, "-c", SPEAK)
    monkeypatch.setattr(tidings, "settings", replace(tidings.settings, speech_command=command))
    page = window().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/speech?" in request.url else None)
    page.goto(f"/article/{newsroom.articles['queue']}")
    listen = page.get_by_role("button", name="Listen")
    with page.expect_response(re.compile("/speech")) as answered:
        listen.click()
    assert answered.value.headers["content-type"] == "audio/wav"
    expect(listen).to_have_attribute("aria-pressed", "false", timeout=20_000)
    assert [url.rpartition("=")[2] for url in asked][:1] == ["-1.0.39"]  # the headline first
    assert len(set(asked)) == 2  # and the sentence below it


def test_the_browser_reads_on_where_the_site_has_no_voice(
    window: Window, newsroom: Newsroom, tidings: Tidings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidings, "settings", replace(tidings.settings, speech_command=("/nowhere/piper",)))
    page = window().new_page()
    page.add_init_script(
        """window.said = [];
        speechSynthesis.speak = (words) => { said.push(words.text); setTimeout(() => words.onend(), 5); };"""
    )
    page.goto(f"/article/{newsroom.articles['queue']}")
    listen = page.get_by_role("button", name="Listen")
    with page.expect_response(re.compile("/speech")) as answered:
        listen.click()
    assert answered.value.status >= 500
    page.wait_for_function("said.length === 2")
    expect(listen).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_can_be_read_by_everybody(
    window: Window, newsroom: Newsroom, width: int, theme: str
) -> None:
    page = window(width=width, theme=theme).new_page()
    faults = {}
    for path in PATHS:
        page.goto(path_of(path, newsroom))
        page.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")
        found = page.evaluate(AUDIT)
        if found:
            faults[path] = found
    assert faults == {}


@pytest.mark.parametrize("width", [360, 1280])
def test_the_operators_pages_can_be_read_by_everybody(window: Window, newsroom: Newsroom, width: int) -> None:
    page = window(width=width).new_page()
    log_in(page)
    feed = next(iter(newsroom.feeds.values()))
    faults = {}
    for path in (
        "/",
        "/latest",
        f"/story/{newsroom.stories[1]}",
        f"/article/{newsroom.articles['queue']}",
        "/feeds",
        f"/feeds/{feed}",
        f"/feeds/{feed}/remove",
        "/saved",
        "/quarantine",
        f"/story/{newsroom.stories[1]}/correct",
        "/corrections/stories",
        "/model",
    ):
        page.goto(path)
        page.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")
        found = page.evaluate(AUDIT)
        if found:
            faults[path] = found
    assert faults == {}


def test_the_audit_finds_what_it_looks_for(window: Window) -> None:
    page = window().new_page()
    page.goto("/about")
    page.evaluate(
        """() => {
          const p = document.createElement("p"); p.textContent = "pale"; p.style.color = "#bbb";
          const input = document.createElement("input"); const h5 = document.createElement("h5");
          h5.textContent = "deep"; const img = document.createElement("img");
          document.querySelector("main").append(p, input, h5, img);
        }"""
    )
    found = " ".join(page.evaluate(AUDIT))
    for fault in ("contrast", "no label", "heading H5", "no alt"):
        assert fault in found


def test_the_keyboard_reaches_the_text_first(window: Window) -> None:
    page = window().new_page()
    page.goto("/latest")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_printed_article_is_the_article(window: Window, newsroom: Newsroom) -> None:
    page = window().new_page()
    page.goto(path_of("/article/{article}", newsroom))
    page.emulate_media(media="print")
    expect(page.locator("nav.sections")).to_be_hidden()
    expect(page.locator(".related")).to_be_hidden()
    expect(page.locator(".body")).to_be_visible()
