"""The pages that everybody reads, over a real store."""

import itertools
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from tests.web.newsroom import HOSTILE, NOW, Newsroom
from tidings.app import Tidings
from tidings.web.health import Metrics

VOID = {"meta", "link", "input", "img", "br", "hr", "rect"}


class Outline(HTMLParser):
    """Text, headings and ids of a page, and whether its tags nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.faults += [f"inline {name}" for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"</{tag}> out of place")

    def handle_data(self, words: str) -> None:
        self.words.append(words)


def page(client: TestClient, path: str) -> Outline:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200, (path, answer.status_code)
    return Outline(answer.text)


PATHS = [
    "/",
    "/latest",
    "/story/{story}",
    "/article/{article}",
    "/article/{article}/revisions",
    "/article/{article}/diff?from=1&to=2",
    "/article/{hostile}",
    "/article/{walled}",
    "/article/{ko}",
    "/tags",
    "/tag/tunnel",
    "/publishers",
    "/publisher/1",
    "/feeds",
    "/search",
    "/about",
    "/login",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_whole(reader: TestClient, newsroom: Newsroom, path: str) -> None:
    ids = newsroom.articles
    outline = page(
        reader,
        path.format(
            story=newsroom.stories[1],
            article=ids["opens"],
            hostile=ids["hostile"],
            walled=ids["walled"],
            ko=ids["ko"],
        ),
    )
    assert outline.faults == []
    assert outline.stack == []
    assert len(outline.ids) == len(set(outline.ids))
    heads = outline.headings[:-1]  # the last is that of the list of keys
    assert heads[0] == 1
    assert heads.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(heads))


def test_the_front_page_leads_with_the_highest_rank_and_tells_why(reader: TestClient) -> None:
    text = page(reader, "/").text
    assert "3 publishers, 3 independent reports" in text
    assert "Why it stands here it grew within" in text.replace(
        ". Why it stands here 3 publishers carry it", ". Why it stands here"
    )
    assert text.index("harbour tunnel") < text.index("What the tunnel really cost")


def test_a_story_folds_its_wire_copies_under_the_report_and_counts_both(
    reader: TestClient, newsroom: Newsroom
) -> None:
    text = page(reader, f"/story/{newsroom.stories[1]}").text
    head, told = text.split("What happened when")
    assert "3 publishers, 3 independent reports" in head
    assert "The same Concord Wire report ran in Post" in told
    places = [told.index(words) for words in ("Yesterday", "Harbour tunnel opens", "Today", "First queue")]
    assert places == sorted(places)


def test_a_story_says_what_each_publisher_has_in_it(reader: TestClient, newsroom: Newsroom) -> None:
    text = page(reader, f"/story/{newsroom.stories[1]}").text
    assert "Publishers Post one report and one copy Courier one report 새길일보 one report" in text
    assert "Times in UTC" in text


def test_a_page_is_passed_on_by_mail_without_a_script(reader: TestClient, newsroom: Newsroom) -> None:
    answer = reader.get(f"/article/{newsroom.articles['ko']}", follow_redirects=True)
    link = re.search(r'href="mailto:\?subject=([^&]+)&amp;body=([^"]+)"', answer.text)
    assert link
    assert unquote(link[1]) == "항만 터널 개통"
    assert unquote(unquote(link[2])).endswith(f"/article/{newsroom.articles['ko']}/항만-터널-개통")


def test_an_old_or_missing_slug_leads_to_the_right_address(reader: TestClient, newsroom: Newsroom) -> None:
    article = newsroom.articles["ko"]
    for path in (f"/article/{article}", f"/article/{article}/wrong"):
        answer = reader.get(path)
        assert answer.status_code == 301
        assert unquote(answer.headers["location"]) == f"/article/{article}/항만-터널-개통"
    assert reader.get(answer.headers["location"]).status_code == 200


def test_an_article_says_who_when_and_where_from(reader: TestClient, newsroom: Newsroom) -> None:
    answer = reader.get(f"/article/{newsroom.articles['opens']}", follow_redirects=True)
    text = Outline(answer.text).text
    for words in (
        "City",
        "Nine years and two governments later",
        "Ina Holt",
        "20 hours ago",
        "Read at Courier",
        "This article changed once",
        "Correction. An earlier version gave nine years.",
        "#HarbourTunnel",
        "“harbour tunnel”",
        "Audio, 3:07, 4 MB",
    ):
        assert words in text
    assert '<link rel="canonical" href="https://courier.example/opens">' in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text
    assert 'title="Friday 13 March 2026, 16:00 UTC"' in answer.text
    assert "media-src" in answer.headers["content-security-policy"]
    assert re.search(r'<img class="picture" src="/image/[\w-]+/[\w-]+"', answer.text)
    assert "https://courier.example/tunnel.png" not in answer.text


def test_a_wall_is_named_and_the_publisher_linked(reader: TestClient, newsroom: Newsroom) -> None:
    text = page(reader, f"/article/{newsroom.articles['walled']}").text
    assert "The publisher keeps the rest of this article for subscribers. Go on at Courier" in text


def test_markup_from_outside_is_shown_as_the_words_it_is(reader: TestClient, newsroom: Newsroom) -> None:
    paths = ["/", "/latest", f"/article/{newsroom.articles['hostile']}", f"/story/{newsroom.stories[2]}"]
    for path in paths:
        answer = reader.get(path, follow_redirects=True)
        assert "<script>alert" not in answer.text
        assert "<b>bold</b>" not in answer.text
        assert HOSTILE in Outline(answer.text).text


def test_foreign_text_carries_its_language(reader: TestClient, newsroom: Newsroom) -> None:
    answer = reader.get(f"/article/{newsroom.articles['ko']}", follow_redirects=True)
    assert '<h1 lang="ko">항만 터널 개통</h1>' in answer.text


def test_a_change_is_shown_word_by_word(reader: TestClient, newsroom: Newsroom) -> None:
    answer = reader.get(f"/article/{newsroom.articles['opens']}/diff?from=1&to=2")
    assert re.search(r"<del>nine\s*</del>", answer.text)
    assert re.search(r"<ins>eleven\s*</ins>", answer.text)
    assert reader.get(f"/article/{newsroom.articles['opens']}/diff?from=1&to=9").status_code == 404


def test_lists_page_by_key_until_their_end(reader: TestClient, tidings: Tidings) -> None:
    seen: list[str] = []
    key: str | None = None
    while True:
        listed = tidings.store.latest(after=key, limit=2)
        seen += [card.headline for card in listed.rows]
        key = listed.next_key
        if key is None:
            break
        assert reader.get("/latest", params={"after": key}).status_code == 200
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/article/999999",
        "/article/99999999999999999999999999",
        "/article/word",
        "/story/999999",
        "/tag/unknown",
        "/tag/%00",
        "/publisher/999999",
        "/search?language=%00",
        "/static/none.css",
        "/image/x/y",
    ],
)
def test_what_is_not_there_is_a_404_that_helps(reader: TestClient, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 404
    if not path.startswith("/image"):
        assert "To the front page" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/", "/latest", "/tag/tunnel", "/publisher/1/courier"])
def test_a_mistyped_key_opens_the_first_page(reader: TestClient, path: str) -> None:
    assert reader.get(path, params={"after": "no key at all"}).status_code == 200


def test_the_same_views_come_as_json(reader: TestClient, newsroom: Newsroom) -> None:
    stories = reader.get("/api/stories").json()
    assert stories["rows"][0]["coverage"] == "3 publishers, 3 independent reports"
    assert stories["rows"][0]["reasons"] == ["3 publishers carry it", "it grew within the last hours"]
    story = reader.get(f"/api/story/{newsroom.stories[1]}").json()
    assert [(day["label"], len(day["reports"])) for day in story["days"]] == [("Yesterday", 1), ("Today", 2)]
    article = reader.get(f"/api/article/{newsroom.articles['opens']}").json()
    assert {
        "label": "HarbourTunnel",
        "href": "/tag/tunnel",
        "words": "harbour tunnel",
        "count": None,
    } in article["tags"]
    missing = reader.get("/api/article/999999")
    assert (missing.status_code, missing.json()["error"]) == (404, "not-found")
    feeds = reader.get("/api/feeds").json()["rows"]
    assert {feed["url"] for feed in feeds} == {None}


def test_a_page_that_has_not_changed_is_not_sent_again(reader: TestClient) -> None:
    first = reader.get("/latest")
    again = reader.get("/latest", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    asset = re.search(r'href="(/static/tidings\.\w+\.css)"', first.text)
    assert asset
    style = reader.get(asset[1])
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reader.get(asset[1], headers={"if-none-match": style.headers["etag"]}).status_code == 304


def test_head_answers_as_get_without_a_body(reader: TestClient) -> None:
    answer = reader.head("/latest")
    assert (answer.status_code, answer.content) == (200, b"")


def test_every_answer_carries_the_standing_headers(reader: TestClient) -> None:
    for path in ("/", "/nothing", "/static/tidings.js", "/api/stories", "/healthz"):
        headers = reader.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "require-trusted-types-for 'script'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_probes_and_figures(reader: TestClient) -> None:
    assert reader.get("/healthz").text == "ok\n"
    assert reader.get("/readyz").json() == {"ready": True}
    reader.get("/latest")
    figures = reader.get("/metrics").text
    assert 'tidings_http_requests_total{method="GET",route="/latest",status="200"}' in figures
    assert 'tidings_kept{noun="articles"} 6.0' in figures
    assert 'tidings_feeds{status="active"} 3.0' in figures
    assert 'tidings_queue_lag_seconds{step="group"} 0.0' in figures


def test_the_archive_is_counted_once_a_minute(
    tidings: Tidings, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = 100.0
    kept = {"articles": 6}
    metrics = Metrics(clock=lambda: time)
    monkeypatch.setattr(tidings.store, "counts", lambda: kept)

    def figures() -> str:
        return metrics.text(tidings.store, now=NOW, live_readers=0).decode()

    assert 'tidings_kept{noun="articles"} 6.0' in figures()
    kept["articles"] = 7
    time += 59
    assert 'tidings_kept{noun="articles"} 6.0' in figures()
    time += 1
    assert 'tidings_kept{noun="articles"} 7.0' in figures()


def test_an_unexpected_error_is_a_page_in_the_sites_voice(
    reader: TestClient, tidings: Tidings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("a secret inside")

    monkeypatch.setattr(tidings.store, "latest", broken)
    answer = reader.get("/latest")
    assert answer.status_code == 500
    assert "Our mistake" in answer.text
    assert "a secret inside" not in answer.text
    assert "content-security-policy" in answer.headers
