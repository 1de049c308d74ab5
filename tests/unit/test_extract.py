"""Page → article: whole pages of invented text in, whole values out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from tidings.errors import ExtractError
from tidings.extract import MADE_BY, PageExtractor
from tidings.model import Entry, EntryToRead, Extract, Page, Publisher, Work

FETCHED = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
URL = "https://www.courier.example/port-elin/ferry-fire"

PARAGRAPHS = (
    "PORT ELIN (CW) — The first survivors of the ferry came up the steps of the passenger quay shortly after six on "
    "Thursday morning, wrapped in foil and in other people’s coats.",
    "By noon the coastguard had confirmed that 11 people had died in the fire, which broke out among the lorries on the "
    "lower vehicle deck during the night crossing.",
    "“We had four minutes to clear the car deck,” said Ingrid Vale, the chief officer. “After that the doors were too hot "
    "to touch and I had to order them shut.”",
    "The harbour remains closed to all but rescue vessels until at least Friday morning, and relatives can call the city’s "
    "emergency line.",
)


def page(body: str | bytes, *, url: str = URL, status: int = 200, content_type: str = "text/html") -> Page:
    raw = body.encode("utf-8") if isinstance(body, str) else body
    return Page(
        url=url,
        final_url=url,
        status=status,
        headers={"content-type": content_type},
        body=raw,
        fetched_at=FETCHED,
        digest=hashlib.sha256(raw).digest(),
    )


def entry(
    *, title: str = "Ferry fire: eleven dead", content: str = "", summary: str = "", **more: object
) -> EntryToRead:
    return EntryToRead(
        work=Work(id=1, step="read", subject_id=1, attempts=0, lease=1),
        entry_id=1,
        feed_id=1,
        publisher=Publisher(id=1, name="The Courier", site_url="https://www.courier.example/"),
        entry=Entry(guid="e1", url=URL, title=title, content=content, summary=summary, **more),  # type: ignore[arg-type]
        full_text=True,
        credentials=None,
        first_seen_at=FETCHED,
    )


def body_html(paragraphs: tuple[str, ...] = PARAGRAPHS) -> str:
    return "".join(f"<p>{p}</p>" for p in paragraphs)


RICH = f"""<!doctype html><html lang="en-GB"><head>
<title>Eleven die in blaze aboard Port Elin ferry | The Courier</title>
<meta property="og:title" content="Eleven die in blaze aboard Port Elin ferry | The Courier">
<meta property="og:site_name" content="The Courier">
<meta property="og:description" content="Lifeboats and helicopters bring 300 survivors to the quay as the ship burns">
<meta property="og:image" content="/pictures/ferry.jpg">
<meta property="article:section" content="Port Elin">
<link rel="canonical" href="https://courier.example/port-elin/ferry-fire?utm_source=x">
<script type="application/ld+json">{{"@context": "https://schema.org", "@graph": [
 {{"@type": "WebSite", "name": "The Courier"}},
 {{"@type": "Person", "@id": "#anna", "name": "Anna Sorel"}},
 {{"@type": ["NewsArticle"], "headline": "Eleven die in blaze aboard Port Elin ferry",
   "author": [{{"@id": "#anna"}}, {{"@type": "Person", "name": "Nils Okkonen"}}],
   "datePublished": "2026-03-05T13:05:00+01:00", "dateModified": "2026-03-05T15:00:00+01:00",
   "publisher": {{"@type": "Organization", "name": "The Courier"}},}}
]}}</script></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Eleven die in blaze aboard Port Elin ferry</h1>
<p class="byline">By Anna Sorel and Nils Okkonen</p>
<div class="article-body">{body_html()}
<p>Read more: The ships that were never inspected</p>
<p>Share this article</p></div></article>
<footer><p>All rights reserved.</p></footer></body></html>"""


def test_a_page_with_json_ld_becomes_a_whole_article() -> None:
    article = PageExtractor().extract(page(RICH), entry())
    assert article == Extract(
        headline="Eleven die in blaze aboard Port Elin ferry",
        standfirst="Lifeboats and helicopters bring 300 survivors to the quay as the ship burns",
        byline=("Anna Sorel", "Nils Okkonen"),
        dateline="PORT ELIN (CW)",
        section="Port Elin",
        published_at=datetime(2026, 3, 5, 12, 5, tzinfo=UTC),
        modified_at=datetime(2026, 3, 5, 14, 0, tzinfo=UTC),
        canonical_url="https://courier.example/port-elin/ferry-fire",
        language="en",
        image_url="https://www.courier.example/pictures/ferry.jpg",
        site_name="The Courier",
        paragraphs=PARAGRAPHS,
        access="open",
        from_feed=False,
        confidence=article.confidence,
        correction=None,
        made_by=MADE_BY,
    )
    assert 0.8 <= article.confidence <= 1


def test_a_bare_page_takes_its_headline_from_h1_and_the_rest_from_the_feed() -> None:
    bare = f"<html><head><title>Courier</title></head><body><h1>Eleven die in blaze</h1>{body_html()}</body></html>"
    published = datetime(2026, 3, 5, 12, 5, tzinfo=UTC)
    article = PageExtractor().extract(page(bare), entry(byline=("Anna Sorel",), published_at=published))
    assert (article.headline, article.byline, article.published_at) == (
        "Eleven die in blaze",
        ("Anna Sorel",),
        published,
    )
    assert article.paragraphs == PARAGRAPHS


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"  \n", "text/html", "empty"),
        (b"%PDF-1.7 ...", "text/html", "not-html"),
        (b'{"a": "<p>"}', "text/html", "not-html"),
        (b"<p>words</p>", "application/pdf", "not-html"),
        (b"<html><body></body></html>", "text/html", "empty"),
        (b"<html><body><h1>Fire</h1><p>More soon.</p></body></html>", "text/html", "too-short"),
        (
            b"<html><title>Page not found</title><body><p>" + b"Sorry, it is gone. " * 9,
            "text/html",
            "error-page",
        ),
        (b"<title>Just a moment...</title><p>Checking that you are no robot.", "text/html", "challenge"),
        (b"<p>" + b"x" * (10 * 1024 * 1024), "text/html", "too-large"),
        (b"<p>" + b"<b>x</b>" * 90_000, "text/html", "too-large"),
    ],
)
def test_a_page_without_an_article_says_why(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(page(body, content_type=content_type), None)
    assert (caught.value.reason, caught.value.subject) == (reason, URL)


def test_without_page_and_text_there_is_no_article() -> None:
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(None, entry())
    assert caught.value.reason == "empty"


def test_an_entry_alone_is_an_article_from_its_feed() -> None:
    article = PageExtractor().extract(None, entry(content=body_html()))
    assert article.from_feed
    assert article.paragraphs == PARAGRAPHS
    assert article.headline == "Ferry fire: eleven dead"
