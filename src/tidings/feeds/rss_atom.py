"""RSS 0.9x to 2.0, RSS 1.0 and Atom: the fast parser where it can be trusted, feedparser where not.

    feedparser-rs   thousands of feeds a second; trusted when it has no complaint and found every entry there seems to be
    feedparser      about fifty a second, reads nearly anything; for documents small and plain enough to bound its time
    repair          libxml2 mends the document and feedparser-rs reads that; for what is broken and large

All three give one shape, which _document turns into ours.
"""

import calendar
import html.entities
import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser  # type: ignore[import-untyped]
import feedparser_rs
from lxml import etree

from tidings.errors import ParseError
from tidings.feeds.fields import (
    MAX_ENTRIES,
    MAX_TITLE_CHARS,
    address,
    distinct,
    enclosure,
    enclosures,
    guid_of,
    language_tag,
    legal,
    line,
    lines,
    markup,
    moment,
    possible,
    settled,
    title_line,
    whole_number,
)
from tidings.model import Enclosure, Entry, FeedDocument, FeedFormat

Parsed = Any  # what both libraries return: a mapping with feed, entries, version, bozo

# feedparser takes quadratic time on one endless tag and about 7 s for a megabyte of tags (measured): it gets neither.
_SLOW_LIMIT_CHARS = 300_000
_ENDLESS_TAG_CHARS = 6_000
# What the fast parser reads differently (measured on feedparser's tests): base64, own entities, and in RSS base URLs and
# links as Atom has them.
_SPECIAL_RSS = ("xml:base", "<link href", "<link rel")
_SPECIAL = ("<!ENTITY", 'mode="base64"', "mode='base64'", 'type="application/octet-stream"')
_ANY_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s/>]", re.I)
_REPAIR_LIMIT_CHARS = 20_000_000


def parse_rss_atom(text: str, *, root: str, url: str, now: datetime) -> FeedDocument:
    """Return the feed that a decoded XML text without declaration is.  Raises ParseError (reason not-a-feed).

    root is its first element's name in lower case: a bare channel (CDF, and RSS without its root) needs no entries.
    """
    fast = _fast(text)
    doubt = _doubt(fast, text)
    if doubt is None:
        return _document(fast, url=url, now=now, parser="feedparser-rs")
    readings = [*_second_readings(text), *([(fast, "feedparser-rs")] if fast is not None else [])]
    best, parser = max(readings, key=lambda reading: len(reading[0]["entries"]), default=(None, ""))
    is_feed = best is not None and (best["version"] or best["entries"] or root == "channel")
    if not is_feed:
        raise ParseError(
            url, "This is XML, but no feed that Tidings knows.", reason="not-a-feed", detail=doubt
        )
    return _document(best, url=url, now=now, parser=parser, text=text, warnings=(doubt,))


def _second_readings(text: str) -> Iterator[tuple[Parsed, str]]:
    """Give what the slower ways make of a text, with their names; the first with the most entries is best."""
    slow = _slow(text) if _is_tame(text) else None
    if slow is not None:
        yield slow, "feedparser"
    if slow is None or not slow["entries"]:
        repaired = _fast(_repaired(text))
        if repaired is not None:
            yield repaired, "feedparser-rs, repaired"


def _is_tame(text: str) -> bool:
    """Return whether feedparser will read this in a few seconds."""
    return len(text) <= _SLOW_LIMIT_CHARS and not _has_endless_tag(text)


def _has_endless_tag(text: str) -> bool:
    for piece in text.split(">"):
        start = piece.find("<")
        if start >= 0 and len(piece) - start > _ENDLESS_TAG_CHARS and piece[start + 1] != "!":
            return True
    return False


def _fast(text: str) -> Parsed | None:
    """Return the fast parser's reading; always from bytes, for a str that looks like an address would be fetched."""
    limits = feedparser_rs.ParserLimits(max_entries=MAX_ENTRIES)
    try:
        return feedparser_rs.parse_with_limits(text.encode("utf-8"), limits=limits, sanitize_html=False)
    except BaseException as error:  # a panic of its Rust is no Exception
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            return None
        raise


def _doubt(fast: Parsed | None, text: str) -> str | None:
    """Return why the fast reading cannot be trusted, None when it can."""
    if fast is None:
        return "the fast parser refused it"
    if len(fast["entries"]) >= MAX_ENTRIES:
        return None
    if fast["bozo"]:
        return line(str(fast["bozo_exception"])) or "not well-formed"
    if not fast["version"]:
        return "no version"
    is_atom = fast["version"].startswith("atom")
    for special in _SPECIAL if is_atom else (*_SPECIAL, *_SPECIAL_RSS):
        if special in text:
            return f"uses {special}"
    for entry in fast["entries"]:
        if is_atom and not entry.get("link"):
            return "an entry without a link"
        # It empties addresses in private networks, where a feed of the operator's own may well lead.
        if any(not link.get("href") for link in entry.get("links") or ()):
            return "an entry with an empty link"
        if (
            entry.get("published")
            and not entry.get("published_parsed")
            and not moment(entry.get("published"))
        ):
            return f"cannot read the date {line(entry.get('published'), limit=40)!r}"
    ends = text.count("</item>") + text.count("</entry>")
    if ends > len(fast["entries"]) or (not ends and _ANY_ENTRY.search(text)):
        return f"{ends} entries end, {len(fast['entries'])} were read"
    return None


def _slow(text: str) -> Parsed | None:
    """Return feedparser's reading; always from a stream, for it opens a str or bytes that name a file or an address."""
    readable = text.replace("<!ENTITY", "\n<!ENTITY")  # it looks for entities at the beginning of a line
    try:
        parsed = feedparser.parse(
            io.BytesIO(readable.encode("utf-8")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
        )
    except Exception:  # it promises to raise nothing, but some documents bring it down
        return None
    for entry in parsed["entries"]:
        for name in ("updated", "updated_parsed"):
            entry.setdefault(name, None)  # or it would answer with "published", and a warning
    return parsed


def _repaired(text: str) -> str:
    """Return text as well-formed XML, as much of it as libxml2 can make sense of; "" when none."""
    readable = "".join(_with_references(text[:_REPAIR_LIMIT_CHARS]))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(readable.encode("utf-8"), parser)
        return "" if root is None else etree.tostring(root, encoding="unicode")
    except (etree.XMLSyntaxError, ValueError):
        return ""


_AMPERSAND = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")


def _with_references(text: str) -> Iterator[str]:
    """Give text in pieces, HTML's named letters written out and bare ampersands escaped; CDATA stays as it is."""
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        yield _AMPERSAND.sub(_reference, text[at:start])
        yield text[start:end]
        at = end
    yield _AMPERSAND.sub(_reference, text[at:])


def _reference(found: re.Match[str]) -> str:
    name = found[1] or ""
    if name.startswith("#"):
        return found[0] if legal(html.unescape(found[0])) else ""
    if name in ("amp", "lt", "gt", "quot", "apos"):
        return found[0]
    return html.entities.html5.get(f"{name};", f"&amp;{found[0][1:]}")


# ── from the shape of both libraries to ours ─────────────────────────────────────────────────────────────────────────


def _document(
    parsed: Parsed, *, url: str, now: datetime, parser: str, text: str = "", warnings: tuple[str, ...] = ()
) -> FeedDocument:
    """Return a reading as ours.  Relative addresses: xml:base, else the site's address, else the feed's."""
    feed = parsed["feed"].get
    version = parsed["version"] or ""
    site_url = address(url, feed("link"))
    base = site_url or url
    links = [(link.get("rel"), address(base, link.get("href"))) for link in feed("links") or ()]
    stated = parsed["entries"]
    inherited = _people(feed("authors")) if version.startswith("atom") else ()
    drafts = [_entry(e.get, base=base, inherited=inherited, now=now) for e in stated[:MAX_ENTRIES]]
    entries, reused = distinct(settled(drafts, now=now))
    notes = [*warnings]
    if reused:
        notes.append(f"{reused} ids are used by several entries")
    if len(stated) >= MAX_ENTRIES:
        notes.append(f"only the first {MAX_ENTRIES} entries were read")
    image = feed("image")
    return FeedDocument(
        format=_format(version),
        title=_title(feed),
        entries=entries,
        site_url=site_url,
        self_url=next((href for rel, href in links if rel == "self" and href), None),
        hub_urls=tuple(dict.fromkeys(href for rel, href in links if rel == "hub" and href)),
        language=language_tag(feed("language")),
        description=title_line(feed("subtitle")),
        icon_url=address(base, feed("icon") or feed("logo") or (image.get("href") if image else None)),
        ttl_s=_ttl(feed),
        skip_hours=_skip_hours(feed("skiphours"), text),
        parser=parser,
        warnings=tuple(notes),
    )


def _format(version: str) -> FeedFormat:
    if version.startswith("atom"):
        return "atom"
    return "rss1" if version in ("rss10", "rss090") else "rss"


def _title(get: Callable[[str], Any]) -> str:
    detail = get("title_detail")
    if not detail:
        return title_line(get("title"))
    return title_line(detail.get("value"), is_html=detail.get("type") != "text/plain")


def _entry(get: Callable[[str], Any], *, base: str, inherited: tuple[str, ...], now: datetime) -> Entry:
    url = address(base, _link(get))
    title = _title(get)
    summary, language = _best([get("summary_detail")], base=base)
    content, content_language = _best(get("content") or (), base=base)
    files = enclosures(_files(get, base=base))
    published, updated = _time(get, "published", now=now), _time(get, "updated", now=now)
    return Entry(
        guid=guid_of(get("id"), url=url, words=(content, summary, *(one.url for one in files), title)),
        url=url,
        title=title,
        summary="" if summary == content else summary,
        content=content,
        byline=_people(get("authors")) or _people([{"name": get("author")}]) or inherited,
        published_at=published or updated,
        updated_at=None if updated == published else updated,
        language=content_language or language or language_tag(get("language")),
        categories=lines(tag.get("label") or tag.get("term") for tag in get("tags") or ()),
        image_url=_image(get, base=base),
        enclosures=files,
        comments_url=address(base, get("comments")) or _replies(get, base=base),
    )


_BARE_ID = re.compile(r"[A-Za-z0-9_:-]+")


def _link(get: Callable[[str], Any]) -> str | None:
    """Return the stated link; not an id that both libraries take for one where it can be none ("<guid>12345</guid>")."""
    link, stated_id = get("link"), get("id") or ""
    is_id = get("guidislink") and link and (link == stated_id or link.endswith(f"/{stated_id}"))
    return None if is_id and _BARE_ID.fullmatch(stated_id) else link


def _best(details: Iterable[Any], *, base: str) -> tuple[str, str | None]:
    """Return the longest of several texts as HTML, and its language."""
    best, language = "", None
    for detail in details:
        if not detail:
            continue
        text = markup(
            detail.get("value"),
            base=base,
            stated_base=detail.get("base"),
            is_html=detail.get("type") != "text/plain",
        )
        if len(text) > len(best):
            best, language = text, language_tag(detail.get("language"))
    return best, language


def _people(stated: Any) -> tuple[str, ...]:
    """Return the names that are credited: "Ann Lee" of "desk@news.example (Ann Lee)"; an address alone is no name."""
    return lines(_person(person.get("name")) for person in stated or ())


_MAIL = re.compile(r"[<(]?\s?(?:mailto:)?[^\s<>()@]{1,100}@[^\s<>()@]{1,100}\s?[>)]?", re.I)


def _person(stated: str | None) -> str:
    if not stated:
        return ""
    name = _MAIL.sub(" ", stated[:MAX_TITLE_CHARS]) if "@" in stated else stated
    name = title_line(name).strip(" ,;")
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    return name if name.count("(") == name.count(")") else ""


def _time(get: Callable[[str], Any], name: str, *, now: datetime) -> datetime | None:
    parts = get(f"{name}_parsed")
    if not parts:
        return possible(moment(get(name)), now=now)
    try:
        return possible(datetime.fromtimestamp(calendar.timegm(parts), UTC), now=now)
    except (ValueError, OverflowError, OSError):
        return None


def _files(get: Callable[[str], Any], *, base: str) -> Iterator[Enclosure | None]:
    """Give every attached file; itunes:duration belongs to the first that is heard or seen."""
    duration = get("itunes_duration")
    for one in get("enclosures") or ():
        yield enclosure(
            base,
            one.get("href"),
            media_type=one.get("type"),
            length=one.get("length"),
            duration=one.get("duration") or duration,
        )
        duration = None
    for one in get("media_content") or ():
        if one.get("medium") in ("audio", "video") or _is_playable(one.get("type")):
            yield enclosure(
                base,
                one.get("url"),
                media_type=one.get("type"),
                length=one.get("filesize"),
                duration=one.get("duration"),
            )


def _is_playable(media_type: Any) -> bool:
    return str(media_type or "").startswith(("audio/", "video/"))


def _image(get: Callable[[str], Any], *, base: str) -> str | None:
    """Return the picture that the feed names for an entry: a large one before a thumbnail."""
    pictures = [
        one.get("url")
        for one in get("media_content") or ()
        if one.get("medium") == "image" or str(one.get("type") or "").startswith("image/")
    ]
    pictures += [
        one.get("href") for one in get("enclosures") or () if str(one.get("type") or "").startswith("image/")
    ]
    pictures += [one.get("url") for one in get("media_thumbnail") or ()]
    itunes, image = get("itunes"), get("image")
    pictures += [itunes.get("image")] if itunes else []
    pictures += [image.get("href")] if image else []
    return next((found for found in (address(base, href) for href in pictures) if found), None)


def _replies(get: Callable[[str], Any], *, base: str) -> str | None:
    return next(
        (
            address(base, link.get("href"))
            for link in get("links") or ()
            if link.get("rel") == "replies" and (link.get("type") or "text/html") == "text/html"
        ),
        None,
    )


_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def _ttl(get: Callable[[str], Any]) -> int | None:
    """Return the seconds a feed asks to be left alone: ttl (minutes), or sy:updatePeriod over sy:updateFrequency.

    "hourly" once is not counted: a widespread publishing system writes it into every feed, meant or not.
    """
    minutes = whole_number(get("ttl"))
    period_s = _PERIODS_S.get(str(get("sy_updateperiod") or "").strip().lower(), 0)
    often = whole_number(get("sy_updatefrequency")) or 1
    wishes = [60 * minutes if minutes else 0, 0 if (period_s, often) == (3_600, 1) else period_s // often]
    return min(max(wishes), 31_536_000) or None


_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.I | re.S)


def _skip_hours(stated: Any, text: str) -> frozenset[int]:
    """Return the hours of the day in UTC, 0 to 23, at which not to ask; 24 means 0 (RSS 0.91)."""
    if not isinstance(stated, list):  # feedparser keeps the last one only
        found = _HOURS.search(text[:100_000])
        stated = re.findall(r"<hour>\s*(\d{1,2})\s*<", found[1], re.I) if found else []
    hours = frozenset(int(hour) % 24 for hour in stated if 0 <= int(hour) <= 24)
    return hours if len(hours) < 24 else frozenset()
