"""Headline, byline and time against what pages state of themselves:  python -m evals.metadata PATH [--json] [--worst N]

PATH is a JSON Lines file with `html` (a gzipped page, relative to PATH's folder) and `url` on each line.  The truth is what the
page's machine-readable metadata says (JSON-LD of its one article, OpenGraph, Dublin Core, <meta name=author> and the like),
read here by a plain reader of its own.  Each page is read twice:
    stated_…   as it is: whether the extractor agrees with the metadata that it may read too
    visible_…  without its scripts, <meta>, <link> and microdata: whether the page's visible markup alone gives it; only what
               stands in the visible text (a headline, a name; a day and its year near one another) counts as asked for
Right is: of the headline, one of those stated (case, white space, quotation marks and the site's name left aside); of the
byline, exactly the set of people; of the time, the day in UTC or as written, and apart from that the minute, where the
metadata has one with a zone.  For each: the share right of all that are asked for with its 95 % bootstrap interval over
pages, n, and the share answered.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring, tostring

from evals.articles import interval, rows_of
from tidings.app import extract_page
from tidings.errors import ExtractError

FETCHED_AT = datetime(2026, 7, 1, tzinfo=UTC)  # later than every page
Field = Literal["headline", "byline", "day", "minute"]
FIELDS: tuple[Field, ...] = ("headline", "byline", "day", "minute")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader says of a page; is_exact: its time has hour and minute."""

    headline: str | None = None
    byline: tuple[str, ...] = ()
    at: datetime | None = None
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """What a page states of itself, each None where it states nothing (or contradicts itself about people)."""

    headlines: frozenset[str] | None  # normalised
    people: frozenset[str] | None  # normalised
    days: frozenset[str] | None  # ISO dates, in UTC and as written
    minutes: frozenset[datetime] | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One page's answer to one question: None unanswered, else whether it was right."""

    page: str
    right: bool | None
    said: str
    truth: str


Reader = Callable[[bytes, str], Answer]


def read_page(page: bytes, url: str) -> Answer:
    """Return what the read step keeps of a page."""
    try:
        extract = extract_page(page, url, fetched_at=FETCHED_AT)
    except ExtractError:
        return Answer()
    return Answer(extract.headline, extract.byline, extract.published_at, is_exact=True)


# ── measuring ────────────────────────────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list N wrong answers of each kind")
    options = parser.parse_args()
    found, pages, seconds = measure(options.path, read_page)
    figures = figures_of(found, pages) | {"pages_per_s": round(2 * pages / seconds, 1)}
    if not options.json:
        for name, outcomes in found.items():
            for outcome in [o for o in outcomes if not o.right][: options.worst]:
                print(f"{name}: {outcome.page}\n    truth {outcome.truth}\n    said  {outcome.said}")
        for name, value in figures.items():
            print(f"{name:28} {value}")
    print(json.dumps(figures))


def measure(path: Path, reader: Reader) -> tuple[dict[str, list[Outcome]], int, float]:
    """Return the outcomes by question ("visible_day"), how many pages were read, and the reader's CPU seconds."""
    found: dict[str, list[Outcome]] = {
        f"{view}_{field}": [] for view in ("visible", "stated") for field in FIELDS
    }
    pages, seconds = 0, 0.0
    for row in rows_of(path):
        page = gzip.decompress((path.parent / row["html"]).read_bytes())
        tree = tree_of(page)
        if tree is None:
            continue
        truth = truth_of(tree, row["url"])
        bare, text = stripped(tree)
        started = time.process_time()
        answers = {"visible": reader(bare, row["url"]), "stated": reader(page, row["url"])}
        seconds += time.process_time() - started
        pages += 1
        for view, answer in answers.items():
            asked = shown_of(truth, text) if view == "visible" else truth
            for field in FIELDS:
                outcome = outcome_of(field, asked, answer, page=row["id"], url=row["url"])
                if outcome is not None:
                    found[f"{view}_{field}"].append(outcome)
    if not pages:
        raise SystemExit(f"{path} has no pages")
    return found, pages, seconds


def figures_of(found: dict[str, list[Outcome]], pages: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"n": pages}
    for name, outcomes in found.items():
        rights = [bool(outcome.right) for outcome in outcomes]
        answered = sum(outcome.right is not None for outcome in outcomes)
        figures[name] = round(_mean(rights), 4)
        figures[f"{name}_interval"] = interval(rights, _mean) if rights else [0.0, 0.0]
        figures[f"{name}_n"] = len(rights)
        figures[f"{name}_answered"] = round(answered / max(1, len(rights)), 4)
    return figures


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def outcome_of(field: Field, truth: Truth, answer: Answer, *, page: str, url: str) -> Outcome | None:
    """Return whether the answer is right; None where the truth does not say."""
    right: bool | None
    if field == "headline":
        wanted: frozenset[Any] | None = truth.headlines
        said = headline_key(answer.headline or "", names_of_host(url))
        right = None if not answer.headline else wanted is not None and said in wanted
    elif field == "byline":
        wanted = truth.people
        names = frozenset(map(name_key, answer.byline))
        said, right = str(sorted(names)), None if not names else names == wanted
    elif field == "day":
        wanted = truth.days
        said = answer.at.date().isoformat() if answer.at else ""
        right = None if not said else wanted is not None and said in wanted
    else:
        wanted = truth.minutes
        said = answer.at.isoformat() if answer.at and answer.is_exact else ""
        right = None
        if answer.at is not None and said and wanted is not None:
            right = any(abs(answer.at - at) < timedelta(minutes=1) for at in wanted)
    return None if wanted is None else Outcome(page, right, said, str(sorted(wanted)))


# ── the truth ────────────────────────────────────────────────────────────────────────────────────────────────────────

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report)$")
_AUTHOR = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "byl")
_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "dc.date.issued", "dcterms.issued", "parsely-pub-date",
    "pubdate", "publish-date", "date",
)  # fmt: skip
_ORGANISATION = re.compile(
    r"\b(?:staff|team|desk|news\w*|redak\w+|redac\w+|edit\w+|press\w*|media|agency|agentur|admin\w*|correspondent\w*|"
    r"reporter\w*|associated|reuters|afp|ap|dpa|magazin\w*|online|zeitung|verein|verband|gmbh|inc|ltd|ag|group|gruppe|"
    r"university|universit\w+|institut\w*|ministeri\w+|foundation|stiftung|bund\w*|company|office|and|und|by|von|the|der|die|das|"
    r"contributor\w*|writer\w*|guest|blog\w*|service\w*|gast\w*|autor\w*|author\w*)\b",
    re.I,
)
_TIME = re.compile(
    r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$"
)


def tree_of(page: bytes) -> HtmlElement | None:
    """Return a page's tree, None where there is none."""
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError:
        declared = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", page[:4096])
        try:
            text = page.decode(declared[1].decode() if declared else "cp1252", "replace")
        except LookupError:
            text = page.decode("cp1252", "replace")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return None


def truth_of(tree: HtmlElement, url: str) -> Truth:
    """Return what a page's metadata states."""
    article, meta = _stated_article(tree), _meta(tree)
    site = frozenset(
        [*names_of_host(url), *(squeezed(n) for n in [*meta.get("og:site_name", []), *_publisher(article)])]
    )
    headlines = [*_strings(article.get("headline")), *meta.get("og:title", [])]
    keys = frozenset(key for text in headlines if (key := headline_key(text, site)) and key not in site)
    times = [
        *_strings(article.get("datePublished")),
        *(value for name in _PUBLISHED for value in meta.get(name, [])),
    ][:4]
    days = frozenset(day for text in times for day in _days(text))
    minutes = frozenset(at for text in times if (at := _minute(text)) is not None)
    people = _people(article, meta, site)
    return Truth(keys or None, people or None, days or None, minutes or None)


def _stated_article(tree: HtmlElement) -> dict[str, Any]:
    """Return the page's article in JSON-LD; {} when there is none, or several."""
    found = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            waiting = [json.loads(script.text or "", strict=False)]
        except ValueError:
            continue
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, dict):
                waiting.append(value.get("@graph"))
                if any(_ARTICLE.search(kind) for kind in _strings(value.get("@type"))):
                    found.append(value)
    return found[0] if len(found) == 1 else {}


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if name and (element.get("content") or "").strip():
            found.setdefault(name.lower(), []).append(element.get("content").strip())
    return found


def _publisher(article: dict[str, Any]) -> list[str]:
    publisher = article.get("publisher")
    return _strings(publisher.get("name")) if isinstance(publisher, dict) else _strings(publisher)


def _people(article: dict[str, Any], meta: dict[str, list[str]], site: frozenset[str]) -> frozenset[str]:
    """Return the people whom the first source that credits anybody names; none when one of them may be no person."""
    authors = article.get("author")
    stated = [
        name
        for author in (authors if isinstance(authors, list) else [authors])
        for name in (_strings(author.get("name")) if isinstance(author, dict) else _strings(author))
    ]
    for names in (stated, *(meta.get(name, []) for name in _AUTHOR)):
        parts = [
            part
            for name in names
            for part in re.split(r"\s*(?:[,;&|/]|\band\b|\bund\b)\s*", html.unescape(name))
        ]
        parts = [
            re.sub(r"^(?:by|von|par|por)\s+", "", " ".join(part.split()), flags=re.I)
            for part in parts
            if part.strip()
        ]
        if not parts or "http" in "".join(parts):
            continue
        return (
            frozenset(map(name_key, parts)) if all(_is_person(part, site) for part in parts) else frozenset()
        )
    return frozenset()


def _is_person(name: str, site: frozenset[str]) -> bool:
    words = name.split()
    return (
        2 <= len(words) <= 4
        and all(
            word[0].isupper() or word in ("de", "da", "van", "von", "der", "di", "del", "la")
            for word in words
        )
        and not name.isupper()
        and re.fullmatch(r"[^\W\d_][\w.'’ -]+", name) is not None
        and not _ORGANISATION.search(name)
        and not any(squeezed(name) in one or one in squeezed(name) for one in site)
    )


def _days(text: str) -> Iterator[str]:
    match = _TIME.match(text.strip())
    if match and match[1] >= "1990":
        yield match[1]
        at = _minute(text)
        if at is not None:
            yield at.date().isoformat()


def _minute(text: str) -> datetime | None:
    match = _TIME.match(text.strip())
    # Midnight on the dot is what templates make of a day.
    if not match or not match[4] or match[1] < "1990" or f"{match[2]}:{match[3] or '00'}" == "00:00:00":
        return None
    zone = "+00:00" if match[4] in ("Z", "UTC") else match[4]
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}:{match[3] or '00'}{zone}").astimezone(UTC)
    except ValueError:
        return None


def _strings(value: Any) -> list[str]:
    return [
        text
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str) and text.strip()
    ]


# ── what is equal ────────────────────────────────────────────────────────────────────────────────────────────────────


def headline_key(text: str, site: Sequence[str] | frozenset[str] = ()) -> str:
    """Return a headline as it is compared: folded, without marks, and without the site's name at its end."""
    text = " ".join(html.unescape(html.unescape(re.sub(r"<[^<>]*>", " ", text))).split())
    head, mark, tail = _last_part(text)
    if mark and squeezed(tail) in site:
        text = head
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _last_part(text: str) -> tuple[str, str, str]:
    marks = list(re.finditer(r"\s+[|·•»–—:-]+\s+|\s*\|\s*", text))
    return (text[: marks[-1].start()], marks[-1][0], text[marks[-1].end() :]) if marks else (text, "", "")


def name_key(name: str) -> str:
    """Return a person's name as it is compared: its words without case, accents, dots and marks."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in folded if not unicodedata.combining(c))))


def squeezed(text: str) -> str:
    return "".join(re.findall(r"\w+", text.casefold()))


def names_of_host(url: str) -> frozenset[str]:
    """Return the names that a host gives its site: of www.bbc.co.uk "bbccouk" and "bbc"."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return frozenset({squeezed(host), squeezed(host.split(".")[0]), squeezed(host.rpartition(".")[0])} - {""})


# ── what can be seen ─────────────────────────────────────────────────────────────────────────────────────────────────

_UNSEEN = ("script", "meta", "link", "noscript", "template", "style")
_MICRODATA = ("itemprop", "itemscope", "itemtype", "itemid", "property", "typeof", "vocab", "content")


def stripped(tree: HtmlElement) -> tuple[bytes, str]:
    """Return the page without what only machines read, and the text of it; the tree is changed."""
    etree.strip_elements(tree, *_UNSEEN, etree.Comment, with_tail=False)
    for element in tree.iter(etree.Element):
        for name in _MICRODATA:
            element.attrib.pop(name, None)
    body = tree.find("body")
    text = " ".join(" ".join((body if body is not None else tree).itertext()).split())
    page: bytes = tostring(tree, encoding="utf-8", doctype="<!DOCTYPE html>")
    return page.replace(b"<head>", b'<head><meta charset="utf-8">', 1), text


def shown_of(truth: Truth, text: str) -> Truth:
    """Return the part of the truth that the visible text could tell."""
    words, names = headline_key(text), name_key(text)
    headlines = frozenset(h for h in truth.headlines or () if f" {h} " in f" {words} ")
    people = truth.people if all(f" {name} " in f" {names} " for name in truth.people or ()) else None
    is_dated = any(_is_shown(day, text) for day in truth.days or ())
    return Truth(
        headlines or None, people, truth.days if is_dated else None, truth.minutes if is_dated else None
    )


def _is_shown(day: str, text: str) -> bool:
    """Whether the year and the day of the month stand within a date's length of one another."""
    year, _, number = day.split("-")
    numbers = rf"(?<!\d)0?{int(number)}(?:st|nd|rd|th)?(?!\d)"
    return (
        re.search(
            rf"{numbers}\D{{1,20}}(?:\d{{1,2}}\D{{1,3}})?{year}|{year}\D{{1,3}}\d{{1,2}}\D{{1,3}}{numbers}",
            text,
        )
        is not None
    )


if __name__ == "__main__":
    main()
