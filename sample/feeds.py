"""What each publisher's feed says, in its own format: pure, bytes out.

RSS 2.0, RSS 0.92, RSS 1.0 and Atom are Jinja2 templates in templates/feeds; JSON Feed 1.1 is made here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from sample.art import tone
from sample.pages import ENVIRONMENT, at_path
from sample.press import Publisher, Shown

MEDIA_TYPES = {
    "rss2": "application/rss+xml",
    "rss2-content": "application/rss+xml",
    "rss092": "text/xml",
    "rss1": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "gone": "application/rss+xml",
    "throttled": "application/rss+xml",
}
TEMPLATES = {
    "rss2": "feeds/rss2.xml",
    "rss2-content": "feeds/rss2.xml",
    "rss092": "feeds/rss092.xml",
    "rss1": "feeds/rss1.xml",
    "atom": "feeds/atom.xml",
}
MOST_ENTRIES = 60


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry with its addresses worked out; `text` is the body the feed carries, empty when it carries a summary."""

    shown: Shown
    link: str
    guid: str
    image_url: str
    audio_url: str | None
    audio_bytes: int
    text: tuple[str, ...]
    summary: str


def render_feed(
    publisher: Publisher, shown: Sequence[Shown], *, base: str, path: str, title: str, changed_at: datetime
) -> bytes:
    """Return the feed of these articles, newest first, as bytes in the publisher's encoding."""
    entries = [_entry(one, base) for one in shown[:MOST_ENTRIES]]
    if publisher.feed == "json":
        document = _json_feed(publisher, entries, base=base, path=path, title=title)
        return json.dumps(document, ensure_ascii=False, indent=1).encode()
    xml = ENVIRONMENT.get_template(TEMPLATES[publisher.feed]).render(
        publisher=publisher,
        entries=entries,
        base=base,
        path=path,
        title=title,
        changed_at=changed_at,
        hub_url=base + publisher.hub_path if publisher.hub_path and path == publisher.feed_path else None,
    )
    return xml.encode(publisher.charset, "xmlcharrefreplace")


def render_news_sitemap(publisher: Publisher, shown: Sequence[Shown], *, base: str) -> bytes:
    """Return a news sitemap of these articles."""
    entries = [_entry(one, base) for one in shown]
    template = ENVIRONMENT.get_template("feeds/news-sitemap.xml")
    return template.render(publisher=publisher, entries=entries).encode()


def _entry(shown: Shown, base: str) -> FeedEntry:
    article, publisher = shown.article, shown.publisher
    link = at_path(base, article.path)
    if publisher.feed_query:
        link += ("&" if "?" in link else "?") + publisher.feed_query
    whole = publisher.feed_text == "full" and article.access == "open"
    has_audio = article.id in publisher.audio
    return FeedEntry(
        shown=shown,
        link=link,
        guid=f"tag:{publisher.host},2019:{article.number}",
        image_url=f"{base}/img/{article.number}.png",
        audio_url=f"{base}/audio/{article.number}.wav" if has_audio else None,
        audio_bytes=len(tone(article.number)) if has_audio else 0,
        text=dated(shown) if whole else (),
        summary=shown.summary,
    )


def dated(shown: Shown) -> tuple[str, ...]:
    """Return the paragraphs with the dateline printed before the first."""
    if not shown.article.dateline:
        return shown.paragraphs
    opening = shown.publisher.dateline.format(place=shown.article.dateline)
    return (opening + shown.paragraphs[0], *shown.paragraphs[1:])


def _json_feed(
    publisher: Publisher, entries: list[FeedEntry], *, base: str, path: str, title: str
) -> dict[str, Any]:
    """Return a document after https://jsonfeed.org/version/1.1."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": f"{base}/",
        "feed_url": base + path,
        "description": f"{publisher.tagline} (Fiction: part of a sample press.)",
        "icon": f"{base}/favicon.svg",
        "language": publisher.language,
        "items": [_json_entry(entry) for entry in entries],
    }


def _json_entry(entry: FeedEntry) -> dict[str, Any]:
    shown = entry.shown
    paragraphs = entry.text or (entry.summary,)
    words: dict[str, Any] = {
        "id": entry.guid,
        "url": entry.link,
        "title": shown.feed_headline,
        "content_html": str(
            ENVIRONMENT.get_template("feeds/paragraphs.html").render(paragraphs=paragraphs)
        ).strip(),
        "date_published": _iso(shown, shown.published_at),
        "date_modified": _iso(shown, shown.modified_at),
        "image": entry.image_url,
    }
    if shown.standfirst:
        words["summary"] = shown.standfirst
    if shown.article.byline:
        words["authors"] = [{"name": name} for name in shown.article.byline]
    if shown.article.section:
        words["tags"] = [shown.article.section]
    return words


def _iso(shown: Shown, when: datetime) -> str:
    return when.astimezone(shown.publisher.zone).isoformat(timespec="seconds")


def rfc822(when: datetime, publisher: Publisher) -> str:
    """Return "Tue, 12 Nov 2019 08:30:00 +0100", as RSS 2.0 wants it (RFC 5322 §3.3)."""
    return format_datetime(when.astimezone(publisher.zone))


ENVIRONMENT.filters["rfc822"] = rfc822
ENVIRONMENT.filters["iso"] = lambda when, publisher: when.astimezone(publisher.zone).isoformat(
    timespec="seconds"
)
