"""What Tidings reads of a folder of feed files, against feedparser: `python -m evals.feeds DIR --json`.

Every file of DIR is read: OPML by read_opml, everything else by parse_feed.  Nothing may crash or take longer than
LIMIT_S; what is refused must have a named reason.  Each feed is also given to feedparser (same bytes, same headers): every
entry that feedparser finds must be found by us with the same id, title and link.  Equal means equal as read:

- id: as stated, or stated and marked where one feed uses an id several times;
- title: as plain text, since feedparser keeps a title's markup and Tidings does not;
- link: as an absolute web address, escapes normalised; what is no web address counts as none, nor is a bare id ("12345")
  that feedparser gives for the link of an entry without one.

An entry that repeats another in all three counts once.  Where a file has feed-rs's own reading beside it (*.serde.json),
every entry of that must be found too, with title and link.

feedparser's own tests name HTTP headers in a comment ("Header: Content-type: …"); those are given to both.
"""

import argparse
import html
import io
import json
import re
import sys
import time
import timeit
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import feedparser

from tidings.app import parse_feed, read_opml
from tidings.errors import ParseError
from tidings.model import Entry

LIMIT_S = 10.0
URL = "http://feeds.example/feed"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MARK = "#tidings:"  # follows an id that several entries of one feed use

# Files where we read something else than feedparser on purpose, by the end of their path.
_GUESSED = "the encoding is not stated: feedparser reads Latin letters, Tidings what was written"
_LINK_TEXT = (
    "feedparser takes the text of a second <link>, an enclosure without href, for the entry's address"
)
EXCEPTIONS = {
    "illformed/chardet/eucjp.xml": _GUESSED,
    "illformed/chardet/euckr.xml": _GUESSED,
    "illformed/chardet/gb2312.xml": _GUESSED,
    "illformed/chardet/koi8r.xml": _GUESSED,
    "illformed/chardet/shiftjis.xml": _GUESSED,
    "atom/entry_link_rel_enclosure_no_href.xml": _LINK_TEXT,
    "atom10/entry_link_rel_enclosure_no_href.xml": _LINK_TEXT,
    "node_precedence/atom10_id.xml": "feedparser takes the id of an image within an entry for the entry's address",
    "rss/item_category_image.xml": "an address within a category's image: an entry without a link gets it for its own",
    "sanitize/entry_title_crazy.xml": "feedparser keeps words of a script in the title",
}


@dataclass
class Figures:
    files: int = 0
    parsed: int = 0
    refused: int = 0
    crashed: int = 0
    slow: int = 0
    opml_feeds: int = 0
    entries: int = 0
    entries_feedparser: int = 0
    entries_equal: int = 0
    entries_feed_rs: int = 0
    entries_equal_feed_rs: int = 0
    excepted: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    seconds_feedparser: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.feeds", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a folder of feed and OPML files, ../shared/data/feeds")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    if not options.folder.is_dir():
        print(f"{options.folder} is not a folder.")
        return 2
    figures = Figures()
    for path in sorted(path for path in options.folder.rglob("*") if path.is_file()):
        measure(path, path.relative_to(options.folder).as_posix(), figures)
    if not options.json:
        print("\n".join(figures.failures))
    print(
        json.dumps(
            {
                "files": figures.files,
                "parsed": figures.parsed,
                "refused": figures.refused,
                "crashed": figures.crashed,
                "slow": figures.slow,
                "opml_feeds": figures.opml_feeds,
                "entries": figures.entries,
                "entries_feedparser": figures.entries_feedparser,
                "entries_equal": figures.entries_equal,
                "entries_feed_rs": figures.entries_feed_rs,
                "entries_equal_feed_rs": figures.entries_equal_feed_rs,
                "files_short": len(figures.failures),
                "files_excepted": len(figures.excepted),
                "excepted": {name: reason_of(name) for name in figures.excepted},
                "refused_because": dict(figures.reasons),
                "short": [failure.partition(":")[0] for failure in figures.failures][:50],
                "files_per_s": round(figures.files / max(figures.seconds, 1e-9)),
                **speed(),
                "n": figures.files,
            }
        )
    )
    return 0


def speed() -> dict[str, int]:
    """Return how many invented feeds of 30 entries are read in a second, by us and by feedparser: the best of five."""
    items = "".join(
        f"<item><title>Council votes, day {n}</title><link>https://ledger.example/{n}</link><guid>ledger-{n}</guid>"
        f"<pubDate>Mon, {n % 28 + 1:02} Sep 2026 01:02:03 +0200</pubDate><author>desk@ledger.example (Ann Lee)</author>"
        f"<category>Harbour</category><description>&lt;p&gt;{'The council met again. ' * 40}&lt;/p&gt;</description></item>"
        for n in range(30)
    )
    body = f"<rss version='2.0'><channel><title>T</title><link>https://ledger.example/</link>{items}</channel></rss>".encode()

    def rate(read: Callable[[], object], times: int) -> int:
        return round(times / min(timeit.repeat(read, number=times, repeat=5)))

    return {
        "feeds_per_s": rate(lambda: parse_feed(body, url=URL, content_type=None, now=NOW), 40),
        "feeds_per_s_feedparser": rate(lambda: feedparser.parse(io.BytesIO(body)), 4),
    }


def measure(path: Path, name: str, figures: Figures) -> None:
    """Read one file and add what came of it."""
    body = path.read_bytes()
    content_type = stated_type(body)
    figures.files += 1
    started = time.perf_counter()
    entries: tuple[Entry, ...] = ()
    try:
        if path.suffix == ".opml":
            figures.opml_feeds += len(read_opml(body))
        else:
            entries = parse_feed(body, url=URL, content_type=content_type, now=NOW).entries
        figures.parsed += 1
    except ParseError as refusal:
        figures.refused += 1
        figures.reasons[refusal.reason or "unnamed"] += 1
    except Exception as error:  # the very thing that is counted here
        figures.crashed += 1
        figures.failures.append(f"{name}: crashed with {error!r}")
    took = time.perf_counter() - started
    figures.seconds += took
    if took > LIMIT_S:
        figures.slow += 1
        figures.failures.append(f"{name}: took {took:.1f} s")
    figures.entries += len(entries)
    if path.suffix != ".opml":
        compare(entries, body, content_type, name, figures)
    expected = path.with_suffix(".serde.json")
    if expected.is_file():
        compare_feed_rs(entries, json.loads(expected.read_bytes()), name, figures)


def stated_type(body: bytes) -> str | None:
    """Return the Content-Type that a test names in its comment."""
    found = re.search(rb"Header:\s*Content-type:\s*([^\r\n]+)", body[:4_000].replace(b"\0", b""), re.I)
    return found[1].decode("latin-1").strip() if found else None


# ── against feedparser ───────────────────────────────────────────────────────────────────────────────────────────────

Key = tuple[str, str, str]


def compare(
    entries: tuple[Entry, ...], body: bytes, content_type: str | None, name: str, figures: Figures
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    started = time.perf_counter()
    theirs = feedparser.parse(io.BytesIO(body), response_headers=headers)
    figures.seconds_feedparser += time.perf_counter() - started
    base = urljoin(URL, theirs.feed.get("link") or "")
    wanted = list(dict.fromkeys(feedparser_key(entry, base) for entry in theirs.entries))
    found = [our_key(entry) for entry in entries]
    missing = [key for key in wanted if not any(equal(key, ours) for ours in found)]
    short = missing or len(found) < len(wanted)
    if short and reason_of(name):
        figures.excepted.append(name)
        return
    figures.entries_feedparser += len(wanted)
    figures.entries_equal += len(wanted) - len(missing)
    if not short:
        return
    figures.failures.append(
        f"{name}: {len(found)} entries of {len(wanted)}"
        + (f", missing {missing[0]}, have {found[:1]}" if missing else "")
    )


def reason_of(name: str) -> str:
    """Return why a file is an exception, "" when it is none."""
    return next((reason for end, reason in EXCEPTIONS.items() if name.endswith(end)), "")


def compare_feed_rs(entries: tuple[Entry, ...], theirs: dict[str, Any], name: str, figures: Figures) -> None:
    """Add how many of feed-rs's entries are found with title and link (its ids are digests where a feed states none)."""
    found = {our_key(entry)[1:] for entry in entries}
    base = next((link["href"] for link in theirs["links"] if link["rel"] in (None, "alternate")), "")
    for entry in theirs["entries"]:
        title = (entry["title"] or {}).get("content") or ""
        links = [link["href"] for link in entry["links"] if link["rel"] in (None, "alternate")]
        places = {address(urljoin(urljoin(URL, base), link)) for link in links} or {link for _, link in found}
        titles = {plain(title), plain(text_of(title))}
        figures.entries_feed_rs += 1
        if any((text, place) in found for text in titles for place in places):
            figures.entries_equal_feed_rs += 1
        else:
            figures.failures.append(f"{name}: without feed-rs's entry {title[:60]!r} {links[:1]}")


def feedparser_key(entry: feedparser.FeedParserDict, base: str) -> Key:
    detail = entry.get("title_detail") or {}
    title = entry.get("title") or ""
    text = title if detail.get("type") == "text/plain" else text_of(title)
    return (
        plain(entry.get("id") or ""),
        plain(text),
        address(
            urljoin(base, entry.get("link") or "") if entry.get("link") and not is_bare_id(entry) else ""
        ),
    )


def is_bare_id(entry: feedparser.FeedParserDict) -> bool:
    """Return whether the link is only the id, and no address: "12345"."""
    return bool(entry["link"] == entry.get("id") and re.fullmatch(r"[A-Za-z0-9_:-]+", entry["link"]))


def our_key(entry: Entry) -> Key:
    return (plain(entry.guid), plain(entry.title), address(entry.url or ""))


def equal(wanted: Key, ours: Key) -> bool:
    """Return whether an entry of ours is feedparser's; a missing id is one that we made."""
    same_id = not wanted[0] or ours[0] == wanted[0] or ours[0].startswith(wanted[0] + MARK)
    return same_id and ours[1:] == wanted[1:]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^<>]*>", " ", markup))


def plain(text: str) -> str:
    return "".join(text.split())  # white space between words is all that differs where markup was taken out


def address(link: str) -> str:
    try:
        parts = urlsplit(urljoin(URL, link.strip()))
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        port = parts.port
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in ("http", "https") or not host or not link:
        return ""
    path = quote(unquote(parts.path or "/"), safe="/:@!$&'()*+,;=~")
    return f"{parts.scheme}://{host}:{port or ''}{path}?{unquote(parts.query)}#{unquote(parts.fragment)}"


if __name__ == "__main__":
    sys.exit(main())
