"""The fields of an entry, from whatever a format states: bounded, legal text, absolute addresses, possible times.

Shared by every format.  Each function takes one stated value and returns what is kept of it, or None or "".
"""

import hashlib
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from mimetypes import MimeTypes

import nh3
from dateutil.parser import parse as parse_english_date

from tidings.model import Enclosure, Entry
from tidings.urls import resolve

MAX_ENTRIES = 5_000
MAX_TITLE_CHARS = 1_000
MAX_HTML_CHARS = 1_000_000
MAX_GUID_CHARS = 1_000
MAX_WORDS_CHARS = 200  # a name, a category, a language
MAX_LISTED = 50  # names, categories, enclosures of one entry

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}


def legal(text: str) -> str:
    """Return text in NFC without what PostgreSQL and XML refuse; C1 controls are read as the Windows-1252 they come from."""
    if text.isascii() and text.isprintable():
        return text
    text = _ILLEGAL.sub(lambda found: _CP1252.get(ord(found[0]), ""), text)
    return unicodedata.normalize("NFC", text)


def line(text: str | None, *, limit: int = MAX_WORDS_CHARS) -> str:
    """Return plain text on one line of at most limit characters."""
    return " ".join(legal(text[: 4 * limit]).split())[:limit] if text else ""


def title_line(stated: str | None, *, is_html: bool = True) -> str:
    """Return a title as plain text on one line: tags gone, entities read, scripts dropped with their text."""
    text = (stated or "")[: 8 * MAX_TITLE_CHARS]
    if is_html and "<" in text:
        text = html.unescape(nh3.clean(_spaced(text), tags=set()))
    elif is_html and "&" in text:
        text = html.unescape(text)
    return line(text, limit=MAX_TITLE_CHARS)


def _spaced(markup: str) -> str:
    """Return markup with a space where a line or a block ends, so that its words do not run together."""
    return re.sub(r"(?i)<(?=/?(?:br|p|div|h[1-6]|li|tr|td)\b)", " <", markup)


# From "=" on, because that is found fast; "data-src=" counts too.
_RELATIVE = re.compile(
    r"""(?i)=(?:(?<=href=)|(?<=src=)|(?<=poster=))(["'])\s*(?![a-z][a-z0-9+.-]*:|#)([^"'<>\s][^"'<>]*)\1"""
)


def markup(stated: str | None, *, base: str, stated_base: str | None = None, is_html: bool = True) -> str:
    """Return a text as HTML, unsanitised, relative links made absolute against stated_base (itself relative to base)."""
    text = legal((stated or "").strip())[:MAX_HTML_CHARS]
    if not is_html:
        return html.escape(text, quote=False)[:MAX_HTML_CHARS]
    if "=" in text and _RELATIVE.search(text):
        root = address(base, stated_base) or base
        text = _RELATIVE.sub(lambda found: _absolute(found, root), text)[:MAX_HTML_CHARS]
    return text


def _absolute(found: re.Match[str], base: str) -> str:
    absolute = resolve(base, html.unescape(found[2].strip()))
    return found[0] if absolute is None else f"={found[1]}{html.escape(absolute)}{found[1]}"


def address(base: str | None, href: str | None) -> str | None:
    """Return an absolute http(s) address, or None."""
    return resolve(base, href.strip()) if href and href.strip() else None


def moment(stated: str | None) -> datetime | None:
    """Return a time written as ISO 8601 (a day or a month alone is its beginning), RFC 822 or otherwise in English.

    UTC when it has no zone; None without a year.
    """
    text = (stated or "").strip()[:60]
    if not re.search(r"[0-9]{4}", text):
        return None
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        text = f"{text}-01-01"[:10]
    is_halved = re.search(r"(?i)[ap]\.?m\b", text) is not None  # which the reader of RFC 822 passes over
    for read in (
        datetime.fromisoformat,
        *(() if is_halved else (parsedate_to_datetime,)),
        parse_english_date,
    ):
        try:
            at: datetime = read(text)
            at.utcoffset()  # an impossible zone shows only here
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def possible(at: datetime | None, *, now: datetime) -> datetime | None:
    """Return a stated time in UTC, or None when it cannot be: before 1990, or more than a day after now."""
    if at is None:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        return None
    return at if _EARLIEST <= at <= now + _AHEAD else None


def whole_number(stated: object) -> int | None:
    """Return a count of at least 0 that fits a bigint, or None."""
    text = str(stated).strip() if stated is not None else ""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def seconds(stated: object) -> int | None:
    """Return a duration in whole seconds from "3600", "33.5", "62:03" or "1:02:03", at most a week; else None."""
    text = str(stated).strip() if stated is not None else ""
    if not re.fullmatch(r"[0-9]{1,6}(:[0-9]{1,4}){0,2}(\.[0-9]{0,6})?", text):
        return None
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return int(total) if 0 < total <= 7 * 86_400 else None


def language_tag(stated: str | None) -> str | None:
    """Return a BCP 47 tag as stated ("en-GB"), or None when it cannot be one."""
    text = stated.strip().replace("_", "-") if stated else ""
    return text if _LANGUAGE.fullmatch(text) else None


_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


def lines(stated: Iterable[str | None]) -> tuple[str, ...]:
    """Return the words of each, once, without the empty ones."""
    kept = dict.fromkeys(map(line, stated))
    kept.pop("", None)
    return tuple(kept)[:MAX_LISTED]


_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_TYPES = MimeTypes()  # what Python knows, whatever the machine's own tables say


def enclosure(
    base: str | None, href: str | None, *, media_type: object, length: object = None, duration: object = None
) -> Enclosure | None:
    """Return an attached file, or None when its address is none."""
    url = address(base, href)
    if url is None:
        return None
    kind = line(str(media_type or "")).partition(";")[0].lower()
    if not _MEDIA_TYPE.fullmatch(kind):
        kind = _TYPES.guess_type(url.partition("?")[0])[0] or ""
    return Enclosure(
        url=url,
        media_type=kind or None,
        length_bytes=whole_number(length) or None,
        duration_s=seconds(duration),
    )


def enclosures(found: Iterable[Enclosure | None]) -> tuple[Enclosure, ...]:
    """Return each attached file once, with the fullest of what was said about it."""
    kept: dict[str, Enclosure] = {}
    for one in found:
        if one is None:
            continue
        known = kept.setdefault(one.url, one)
        kept[one.url] = replace(
            known,
            media_type=known.media_type or one.media_type,
            length_bytes=known.length_bytes or one.length_bytes,
            duration_s=known.duration_s or one.duration_s,
        )
    return tuple(kept.values())[:MAX_LISTED]


# ── identity ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def guid_of(stated: str | None, *, url: str | None, words: Sequence[str]) -> str:
    """Return what identifies an entry: its stated id, else its link, else a digest of the first of words that is not "".

    words: content, summary, title.  The title only stands in when there is nothing else, because publishers change it.
    """
    guid = legal((stated or "").strip()) or url
    if guid is None:
        return "digest:" + _short(next((text for text in words if text), ""))
    return guid if len(guid) <= MAX_GUID_CHARS else "digest:" + _short(guid)


def _short(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:16]


def settled(entries: Sequence[Entry], *, now: datetime) -> list[Entry]:
    """Return the entries without updated_at where the feed gives all of them the minute of the request.

    Such a feed is written anew at each visit; believing it would have every page read again each time.
    """
    times = {entry.updated_at for entry in entries}
    if len(entries) > 1 and len(times) == 1 and (at := times.pop()) and abs(now - at) < timedelta(minutes=10):
        return [replace(entry, updated_at=None) for entry in entries]
    return list(entries)


def distinct(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], int]:
    """Return the entries with every guid used once, and how many guids had to be told apart.

    Some feeds give one guid to many entries.  Each of those gets "#" and a digest of its link (of link and title, or of all
    it says, where that is the same too): all of them, so that nothing depends on their order.  An entry that repeats
    another in everything is left out.
    """
    entries = tuple(dict.fromkeys(entries))
    reused = 0
    for key in (_by_link, _by_title, _by_everything):
        uses = Counter(entry.guid for entry in entries)
        if max(uses.values(), default=0) <= 1:
            break
        reused = reused or sum(1 for count in uses.values() if count > 1)
        entries = tuple(
            replace(entry, guid=f"{entry.guid.partition(_MARK)[0]}{_MARK}{key(entry)}")
            if uses[entry.guid] > 1
            else entry
            for entry in entries
        )
    return entries, reused


_MARK = "#tidings:"


def _by_link(entry: Entry) -> str:
    return _short(entry.url or "")


def _by_title(entry: Entry) -> str:
    return _short(entry.url or "", entry.title)


def _by_everything(entry: Entry) -> str:
    return _short(repr(entry))
