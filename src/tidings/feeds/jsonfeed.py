"""JSON Feed 1.0 and 1.1 (jsonfeed.org) to a FeedDocument."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tidings.errors import ParseError
from tidings.feeds.fields import (
    MAX_ENTRIES,
    address,
    distinct,
    enclosure,
    enclosures,
    guid_of,
    language_tag,
    lines,
    markup,
    moment,
    possible,
    settled,
    title_line,
)
from tidings.model import Enclosure, Entry, FeedDocument


def parse_json_feed(text: str, *, url: str, now: datetime) -> FeedDocument:
    """Return the feed that a JSON text is.  Raises ParseError (reason json-not-feed).

    Fields of the wrong type count as missing: "items" in the specification's sense is all that a feed must have.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(
            url, "This looks like JSON, but it is broken.", reason="json-not-feed", detail=str(error)
        ) from error
    version = _words(_of(feed, "version", str))
    if not isinstance(feed, dict) or not ("jsonfeed.org" in version or isinstance(feed.get("items"), list)):
        raise ParseError(url, "This is JSON, but no JSON Feed.", reason="json-not-feed")
    stated = [one for one in _of(feed, "items", list) or () if isinstance(one, dict)]
    site_url = address(url, _of(feed, "home_page_url", str))
    base = site_url or url
    language = language_tag(_of(feed, "language", str))
    byline = _people(feed)
    drafts = [_entry(one, base=base, byline=byline, now=now) for one in stated[:MAX_ENTRIES]]
    entries, reused = distinct(settled(drafts, now=now))
    notes = [f"{reused} ids are used by several entries"] if reused else []
    if len(stated) > MAX_ENTRIES:
        notes.append(f"only the first {MAX_ENTRIES} of {len(stated)} entries were read")
    hubs = (address(base, _of(hub, "url", str)) for hub in _of(feed, "hubs", list) or ())
    return FeedDocument(
        format="json",
        title=title_line(_of(feed, "title", str), is_html=False),
        entries=entries,
        site_url=site_url,
        self_url=address(url, _of(feed, "feed_url", str)),
        hub_urls=tuple(dict.fromkeys(hub for hub in hubs if hub)),
        language=language,
        description=title_line(_of(feed, "description", str), is_html=False),
        icon_url=address(base, _of(feed, "icon", str) or _of(feed, "favicon", str)),
        parser="json",
        warnings=tuple(notes),
    )


def _of(mapping: Any, name: str, kind: type) -> Any:
    """Return a field when it has the right type, else None."""
    value = mapping.get(name) if isinstance(mapping, dict) else None
    return value if isinstance(value, kind) else None


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _entry(one: dict[str, Any], *, base: str, byline: tuple[str, ...], now: datetime) -> Entry:
    url = address(base, _of(one, "url", str)) or address(base, _of(one, "external_url", str))
    content = markup(_of(one, "content_html", str), base=url or base)
    if not content:
        content = markup(_of(one, "content_text", str), base=base, is_html=False)
    summary = markup(_of(one, "summary", str), base=base, is_html=False)
    title = title_line(_of(one, "title", str), is_html=False)
    files = enclosures(_attachments(one, base=base))
    published, updated = _time(one, "date_published", now=now), _time(one, "date_modified", now=now)
    stated_id = one.get("id")
    is_id = isinstance(stated_id, str | int | float) and not isinstance(stated_id, bool)
    return Entry(
        guid=guid_of(
            str(stated_id) if is_id else None,
            url=url,
            words=(content, summary, *(f.url for f in files), title),
        ),
        url=url,
        title=title,
        summary="" if summary == content else summary,
        content=content,
        byline=_people(one) or byline,
        published_at=published or updated,
        updated_at=None if updated == published else updated,
        language=language_tag(_of(one, "language", str)),
        categories=lines(tag for tag in _of(one, "tags", list) or () if isinstance(tag, str)),
        image_url=address(base, _of(one, "image", str) or _of(one, "banner_image", str)),
        enclosures=files,
    )


def _people(mapping: dict[str, Any]) -> tuple[str, ...]:
    """Return the authors' names: "authors" of version 1.1, "author" of 1.0."""
    people = [*(_of(mapping, "authors", list) or ()), _of(mapping, "author", dict)]
    return lines(_of(person, "name", str) for person in people)


def _attachments(one: dict[str, Any], *, base: str) -> Iterator[Enclosure | None]:
    for stated in _of(one, "attachments", list) or ():
        size = _of(stated, "size_in_bytes", int | float)  # type: ignore[arg-type]
        yield enclosure(
            base,
            _of(stated, "url", str),
            media_type=_of(stated, "mime_type", str),
            length=int(size) if size is not None and 0 < size < 1e18 else None,
            duration=_of(stated, "duration_in_seconds", int | float),  # type: ignore[arg-type]
        )


def _time(one: dict[str, Any], name: str, *, now: datetime) -> datetime | None:
    return possible(moment(_of(one, name, str)), now=now)
