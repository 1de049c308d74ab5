"""Quotes, speakers, figures, times and event dates:  python -m evals.facts wikinews|press|captured [PATH] [--json] [--worst N]

    press               the sample press with truth.json (quotes with speakers) and facts.toml (figures, times, event dates)
    wikinews FOLDER     GUM's annotated Wikinews (TEI): its dates by `when` (or from/to), its quotations; no speakers in it
    captured FILE       a page of a news site: its mixed quotation marks, figures and times, checked by digest

Everything goes through facts_of, the product's own.  A quote is found when its words are the same but for marks and stops at
their ends; a time when its words overlap and it means the same days; a figure when value and unit are the same.
`speaker_right` counts the quotes of known speaker that were found; `speaker_wrong` those given to somebody else, the worst
there is; the rest has no speaker.  Intervals are 95 % bootstrap intervals over articles.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from evals.articles import article_of, f1, interval
from evals.captured import page_articles
from sample.press import fill_dates, load_press, show, text_day
from sample.truth import load_truth
from tidings.app import UsemEmbedder, describe, facts_of
from tidings.model import Article, Facts, TimeExpression

START = datetime(2026, 11, 26, 12, tzinfo=UTC)
TRUTH = Path(__file__).parents[1] / "sample" / "facts.toml"
_ENDS = " .,;:!?…。，！？\"'“”„‘’«»"
# Of the captured page, read off by people: a digest of the first and the last five words of each quote, with its speaker.
CAPTURED_QUOTES = {
    (0, "6fc0f30ce768"): "Foreign Ministry",
    (0, "dbeaf101b723"): "Foreign Ministry",
    (0, "72d245b88d1c"): "Foreign Ministry",
    (0, "e4be6b6021e6"): "Foreign Ministry",
    (0, "261981a60917"): "Seoul's Foreign Ministry",
    (0, "e1624dc24e21"): "Seoul's Foreign Ministry",
    (0, "ab4ce5305938"): "Polish Foreign Ministry",
    (0, "352206bce153"): "Cho Tae-yul",
    (0, "dd9dbf98d7ff"): "Cho Tae-yul",
    (1, "c593fd63eb06"): "official",
    (1, "191db1be1851"): "official",
    (1, "9d5ea6571176"): "official",
    (1, "dc1c37a3d69f"): "official",
    (1, "1ca017ef8fc7"): "Yeo Han-koo",
    (2, "9e4a54a6bc58"): "Wi Sung-lac",
    (2, "6b9b0952a219"): "an analyst at the Korea Institute for Defense Analyses",
    (2, "4de004f6941d"): "an analyst at the Korea Institute for Defense Analyses",
    (2, "5f49c2626369"): "an official at a Korean defense firm",
    (2, "182b58f1bdbe"): "Wi Sung-lac",
    (2, "361e0f8f8947"): "Wi Sung-lac",
}
# (article, words) of the figures and times that must be found in it, with what they mean.
CAPTURED_FIGURES = {
    (0, "5", "percent"),
    (0, "2", ""),
    (1, "2", "week"),
    (2, "4", "year"),
    (3, "2", ""),
    (1, "25", "percent"),
    (1, "30", ""),
    (2, "5", "percent"),
    (2, "2", "percent"),
    (2, "3.5", "percentage point"),
    (2, "1.5", "percentage point"),
    (2, "11.7", "percent"),
    (2, "457000000000", "USD"),
    (2, "800000000000", "USD"),
    (2, "6000000000", "USD"),
    (2, "180", ""),
    (3, "11", ""),
    (3, "8", ""),
    (3, "3", ""),
    (3, "5", ""),
    (3, "23", ""),
    (3, "12", ""),
}
CAPTURED_TIMES = {
    (0, "Monday", "2025-03-10"),
    (0, "Tuesday", "2025-03-11"),
    (0, "November 2024", "2024-11-01"),
    (0, "January 2024", "2024-01-01"),
    (0, "last week", "2025-03-03"),
    (0, "Saturday", "2025-03-08"),
    (0, "Mar. 5", "2025-03-05"),
    (0, "Mar. 6", "2025-03-06"),
    (0, "the same day", "2025-03-06"),
    (0, "Friday", "2025-03-07"),
    (1, "Friday", "2025-06-27"),
    (1, "next month", "2025-07-01"),
    (1, "July 8", "2025-07-08"),
    (1, "April 9", "2025-04-09"),
    (1, "December", "2024-12-01"),
    (1, "this week", "2025-06-23"),
    (2, "Thursday", "2025-06-26"),
    (2, "2035", "2035-01-01"),
    (2, "2024", "2024-01-01"),
    (2, "this week", "2025-06-23"),
    (3, "next year", "2026-01-01"),
    (3, "Friday", "2025-06-27"),
    (3, "Thursday", "2025-06-26"),
    (3, "Feb. 6-22", "2026-02-06"),
    (3, "2018", "2018-01-01"),
    (3, "February", "2025-02-01"),
}
# When the page's articles were published, as its own words date them ("said Tuesday", "18 hours ago").
CAPTURED_AT = (
    "2025-03-11T03:00:00+00:00",
    "2025-06-27T23:00:00+00:00",
    "2025-06-27T08:00:00+00:00",
    "2025-06-28T03:00:00+00:00",
)
CAPTURED_EVENTS = ("2025-03-10", "2025-06-27", "2025-06-26", "2025-06-27")


@dataclass
class Tally:
    """Of one article: what was right, what was found, what there was."""

    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.facts", description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=("press", "wikinews", "captured"))
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--worst", type=int, default=0, help="show N of what was missed or wrong")
    options = parser.parse_args()
    started = time.perf_counter()
    measure = {"press": of_press, "wikinews": of_wikinews, "captured": of_captured}[options.set]
    tallies = measure(options.path)
    figures = figures_of(tallies) | {"seconds": round(time.perf_counter() - started, 1)}
    if not options.json:
        for name, value in figures.items():
            print(f"{name:22} {value}")
        for note in [note for tally in tallies for note in tally.notes][: options.worst]:
            print(f"  {note}")
    print(json.dumps(figures))


def figures_of(tallies: Sequence[Tally]) -> dict[str, Any]:
    """Return precision, recall and F1 of each kind that was measured, with the interval of F1, and the shares of speakers."""
    out: dict[str, Any] = {"n": len(tallies)}
    for kind in ("quotes", "times", "figures", "events"):
        if not sum(t.true[kind] for t in tallies):
            continue
        out[f"{kind}_precision"], out[f"{kind}_recall"] = (
            round(v, 4) for v in precision_recall(tallies, kind)
        )
        out[f"{kind}_f1"] = round(f1_of(tallies, kind), 4)
        out[f"{kind}_f1_interval"] = interval(tallies, lambda drawn, kind=kind: f1_of(drawn, kind))  # type: ignore[misc]
        out[f"{kind}_n"] = sum(t.true[kind] for t in tallies)
    wholes = {
        "speaker_right": "speakers",
        "speaker_wrong": "speakers",
        "times_spotted": "times",
        "dates_right": "dates",
    }
    for share, whole in wholes.items():
        if sum(t.true[whole] for t in tallies) and (
            share != "times_spotted" or any(t.right[share] for t in tallies)
        ):
            out[share] = round(ratio(tallies, share, whole), 4)
            out[f"{share}_interval"] = interval(tallies, lambda drawn, s=share, w=whole: ratio(drawn, s, w))  # type: ignore[misc]
    for whole in ("speakers", "dates"):
        if sum(t.true[whole] for t in tallies):
            out[f"{whole}_n"] = sum(t.true[whole] for t in tallies)
    return out


def precision_recall(tallies: Sequence[Tally], kind: str) -> tuple[float, float]:
    right, found, true = (sum(getattr(t, name)[kind] for t in tallies) for name in ("right", "found", "true"))
    pieces = (
        sum(t.right["pieces"] for t in tallies) if kind == "quotes" else 0
    )  # where true ones are pieces of ours
    return (right / found if found else 0.0), ((pieces or right) / true if true else 0.0)


def f1_of(tallies: Sequence[Tally], kind: str) -> float:
    return f1(*precision_recall(tallies, kind))


def ratio(tallies: Sequence[Tally], right: str, true: str) -> float:
    whole = sum(t.true[true] for t in tallies)
    return sum(t.right[right] for t in tallies) / whole if whole else 0.0


def facts_in(articles: Sequence[Article]) -> list[Facts]:
    """Return the facts of articles as the describe step finds them, names and language from their descriptions."""
    embedder = _NoVectors()
    return [
        facts_of(article, names=described.names, language=described.language)
        for article, described in zip(articles, describe(articles, embedder), strict=True)
    ]


class _NoVectors(UsemEmbedder):
    """No vector is read here, so none is made."""

    def __init__(self) -> None:
        self.name, self.dim = "none", 2

    def embed(self, texts: Sequence[str]) -> Any:
        import numpy as np

        return np.zeros((len(texts), 2), dtype=np.float32)


# ── the sample press ─────────────────────────────────────────────────────────────────────────────────────────────────


def of_press(path: Path | None) -> list[Tally]:
    press = load_press()
    truth = {row["id"]: row for row in load_truth()["articles"]}
    annotated = tomllib.loads((path or TRUTH).read_text("utf-8"))
    shown = [
        show(a, press.publishers[a.publisher], start=START, elapsed=a.published)
        for a in press.articles.values()
    ]
    articles = [
        replace_extract(
            article_of(
                {
                    "title": s.headline,
                    "text": "\n".join(s.paragraphs),
                    "published": s.published_at.isoformat(),
                    "language": s.publisher.language,
                },
                number,
            ),
            s.paragraphs,
        )
        for number, s in enumerate(shown, 1)
    ]
    tallies = []
    for s, article, facts in zip(shown, articles, facts_in(articles), strict=True):
        day = text_day(s.article.published, START)
        tally = Tally()
        body = "\n".join(s.paragraphs)
        quotes = [
            (fill_dates(q["words"], day, s.publisher.language), q["speaker"])
            for q in truth[s.article.id]["quotes"]
        ]
        tally_quotes(tally, s.article.id, facts, [(words, who) for words, who in quotes if words in body])
        rows = annotated.get(s.article.id, {})
        tally_dates(tally, s, facts, day)
        if "times" in rows:
            times = [
                (fill_dates(words, day, s.publisher.language), meant(when, article.at.date()))
                for words, when in rows["times"]
            ]
            tally_times(tally, s.article.id, [(t, t.words) for t in facts.times], times)
        if "figures" in rows:
            tally_figures(tally, s.article.id, facts, [tuple(row) for row in rows["figures"]])
        if "happened" in rows:
            tally_event(tally, s.article.id, facts, rows["happened"], day)
        tallies.append(tally)
    return tallies


def tally_dates(tally: Tally, s: Any, facts: Facts, day: date) -> None:
    """Count the dates that the press itself fills in: how many of them are found, and found to mean their day."""
    for paragraph in s.article.paragraphs:
        for kind, away in re.findall(r"\{\{(weekday|date) (-?\d+)\}\}", paragraph):
            words = fill_dates(f"{{{{{kind} {away}}}}}", day, s.publisher.language)
            if not any(words in p for p in s.paragraphs):
                continue  # a revision took it out
            tally.true["dates"] += 1
            then = day + timedelta(days=int(away))
            if any(words in t.words and t.first == then == t.last for t in facts.times):
                tally.right["dates_right"] += 1
            else:
                read = [str(t.first) for t in facts.times if words in t.words]
                tally.notes.append(f"{s.article.id}: {words!r} read as {read}, is {then}")


def replace_extract(article: Article, paragraphs: Sequence[str]) -> Article:
    """Return an article with these paragraphs as they are."""
    return replace(article, extract=replace(article.extract, paragraphs=tuple(paragraphs)))


def meant(when: str, today: date) -> tuple[date, date]:
    """Return the days that a note of facts.toml means."""
    if "/" in when:
        first, last = when.split("/")
        return date.fromisoformat(first), date.fromisoformat(last)
    if when.isdigit():
        return date(int(when), 1, 1), date(int(when), 12, 31)
    unit, number = when.split()
    count = int(number)
    if unit == "day":
        return today + timedelta(days=count), today + timedelta(days=count)
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=count)
        return monday, monday + timedelta(days=6)
    if unit == "month":
        months = today.year * 12 + today.month - 1 + count
        first = date(months // 12, months % 12 + 1, 1)
        return first, date((months + 1) // 12, (months + 1) % 12 + 1, 1) - timedelta(days=1)
    return date(today.year + count, 1, 1), date(today.year + count, 12, 31)


def tally_quotes(tally: Tally, name: str, facts: Facts, true: Sequence[tuple[str, str | None]]) -> None:
    """Count quotes against the true ones; (words, None) has no speaker to compare."""
    left = list(facts.quotes)
    tally.true["quotes"] += len(true)
    tally.found["quotes"] += len(left)
    for words, speaker in true:
        match = next((q for q in left if q.words.strip(_ENDS) == words.strip(_ENDS)), None)
        match = match or next(
            (q for q in left if words.strip(_ENDS) in q.words and len(words) > 0.6 * len(q.words)), None
        )
        if match is None:
            tally.notes.append(f"{name}: quote missed: {words[:60]}")
            tally.true["speakers"] += speaker is not None
            continue
        left.remove(match)
        tally.right["quotes"] += 1
        if speaker is None:
            continue
        tally.true["speakers"] += 1
        if match.speaker and is_same_speaker(match.speaker, speaker):
            tally.right["speaker_right"] += 1
        elif match.speaker:
            tally.right["speaker_wrong"] += 1
            tally.notes.append(f"{name}: speaker {match.speaker!r}, is {speaker!r}: {words[:50]}")
        else:
            tally.notes.append(f"{name}: no speaker, is {speaker!r} ({match.said_by}): {words[:50]}")
    tally.notes += [f"{name}: no quote: {q.speaker}: {q.words[:60]}" for q in left]


def is_same_speaker(ours: str, true: str) -> bool:
    """Whether two names mean one speaker: one whole in the other, word by word."""
    return f" {true} " in f" {ours} " or f" {true} ".endswith(f" {ours} ")


def tally_times(
    tally: Tally,
    name: str,
    found: Sequence[tuple[TimeExpression, str]],
    true: Sequence[tuple[str, tuple[date, date]]],
) -> None:
    """Count times: right when the words overlap and the days are the same, spotted when the words overlap."""
    left = list(found)
    tally.true["times"] += len(true)
    tally.found["times"] += len(left)
    for words, days in true:
        near = [one for one in left if words.lower() in one[1].lower() or one[1].lower() in words.lower()]
        match = next((one for one in near if (one[0].first, one[0].last) == days), near[0] if near else None)
        if match is None:
            tally.notes.append(f"{name}: time missed: {words!r}")
            continue
        left.remove(match)
        tally.right["times_spotted"] += 1
        if (match[0].first, match[0].last) == days:
            tally.right["times"] += 1
        else:
            tally.notes.append(
                f"{name}: {words!r} read as {match[0].first} to {match[0].last}, is {days[0]} to {days[1]}"
            )
    tally.notes += [f"{name}: no time: {one[1]!r}" for one in left]


def tally_figures(tally: Tally, name: str, facts: Facts, true: Sequence[tuple[str, ...]]) -> None:
    found = Counter((f"{f.value:f}", f.unit) for f in facts.figures)
    found += Counter((f"{f.high:f}", f.unit) for f in facts.figures if f.high is not None)
    wanted = Counter((row[0], row[1]) for row in true)
    tally.true["figures"] += wanted.total()
    tally.found["figures"] += found.total()
    tally.right["figures"] += (found & wanted).total()
    tally.notes += [f"{name}: figure missed: {row}" for row in wanted - found]
    tally.notes += [f"{name}: no figure: {row}" for row in found - wanted]


def tally_event(tally: Tally, name: str, facts: Facts, happened: str, day: date) -> None:
    """Count event dates; precision is over those given, recall over those the text tells."""
    true = None if happened == "none" else day + timedelta(days=int(happened))
    ours = facts.event.first if facts.event else None
    tally.true["events"] += true is not None
    tally.found["events"] += ours is not None
    tally.right["events"] += ours is not None and ours == true
    if ours != true:
        tally.notes.append(f"{name}: event {ours}, is {true}")


# ── Wikinews ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_wikinews(path: Path | None) -> list[Tally]:
    assert path is not None, "name the folder of GUM's XML"
    tallies = []
    for file in sorted(path.glob("*.xml")):
        text = ElementTree.fromstring(file.read_text("utf-8"))
        paragraphs, dates, quotes = detokenised(text)
        row = {
            "title": text.get("title", ""),
            "text": "",
            "published": text.get("dateCreated"),
            "language": "en",
        }
        article = replace_extract(article_of(row, 1), paragraphs)
        (facts,) = facts_in([article])
        tally = Tally()
        if quotes:  # some texts have quotations that nobody annotated
            tally_pieces(tally, file.stem, facts, quotes)
        true = [(words, days) for _, words, days in dates]
        tally_times(tally, file.stem, [(t, t.words) for t in facts.times], true)
        tallies.append(tally)
    return tallies


def tally_pieces(tally: Tally, name: str, facts: Facts, pieces: Sequence[str]) -> None:
    """Count quotes against annotated pieces: GUM marks each sentence of a quotation by itself."""
    true = [letters for letters in (_letters(piece) for piece in pieces) if letters]
    ours = [_letters(q.words) for q in facts.quotes]
    tally.true["quotes"] += len(true)
    tally.right["pieces"] += sum(any(piece in one for one in ours) for piece in true)
    tally.found["quotes"] += len(ours)
    tally.right["quotes"] += sum(any(piece in one or one in piece for piece in true) for one in ours)
    tally.notes += [f"{name}: quote missed: {p[:60]}" for p in true if not any(p in one for one in ours)]
    tally.notes += [f"{name}: no quote: {o[:60]}" for o in ours if not any(p in o or o in p for p in true)]


def _letters(words: str) -> str:
    return "".join(c for c in words.casefold() if c.isalnum())


_Date = tuple[int, str, tuple[date, date]]
_NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?%)\]…]|'s$|'$|n't$|'re$|'ve$|'ll$|'d$|'m$|’s$)")


def detokenised(text: ElementTree.Element) -> tuple[list[str], list[_Date], list[str]]:
    """Return a TEI text's paragraphs as written, its dates (paragraph, words, days) and its quotations (marks left out)."""
    paragraphs: list[str] = []
    dates: list[_Date] = []
    quotes: list[str] = []
    for block in text.iter():
        if block.tag in ("p", "head", "caption", "item") and not (
            block.tag == "p" and _within(text, block, "item")
        ):
            words, spans = _written(block)
            if not words.strip():
                continue
            for element, start, end in spans:
                piece = words[start:end].strip()
                if element.tag == "date" and piece:
                    days = _days_of(element)
                    if days:
                        dates.append((len(paragraphs), piece, days))
                elif element.tag == "quote" and piece:
                    quotes.append(piece)
            paragraphs.append(words)
    return paragraphs, dates, quotes


def _within(text: ElementTree.Element, block: ElementTree.Element, tag: str) -> bool:
    return any(block is inner for outer in text.iter(tag) for inner in outer.iter("p"))


def _days_of(element: ElementTree.Element) -> tuple[date, date] | None:
    when, first, last = element.get("when"), element.get("from"), element.get("to")
    if first and last:
        a, b = _iso(first), _iso(last)
        return (a[0], b[1]) if a and b else None
    return _iso(when or first or "")


def _iso(when: str) -> tuple[date, date] | None:
    parts = [int(part) for part in when.split("-") if part.isdigit()]
    if not 1 <= len(parts) <= 3 or not 1 <= parts[0] <= 9999:
        return None
    if len(parts) == 3:
        return date(*parts), date(*parts)
    if len(parts) == 2:
        year, month = parts
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


def _written(block: ElementTree.Element) -> tuple[str, list[tuple[ElementTree.Element, int, int]]]:
    """Return a block's words put together as print has them, and where each element in it begins and ends."""
    out: list[str] = []
    length = 0
    spans: list[tuple[ElementTree.Element, int, int]] = []
    glued = 0  # inside <w>: parts of one word
    is_open = {'"': False, "'": False}
    tight = True

    def put(lines: str | None) -> None:
        nonlocal length, tight
        for line in (lines or "").strip().split("\n"):
            if not line.strip():
                continue
            token = line.split("\t")[0]
            tag = line.split("\t")[1] if "\t" in line else ""
            closes = tag == "''" or (token in is_open and is_open[token] and tag != "``")
            space = (
                ""
                if tight or (glued and glued_started[0]) or _NO_SPACE_BEFORE.match(token) or closes
                else " "
            )
            if token in is_open and tag in ("``", "''"):
                is_open[token] = not closes
            out.append(space + token)
            length += len(space) + len(token)
            tight = token in "([$£€“‘#" or (tag == "``")
            if glued:
                glued_started[0] = True

    glued_started = [False]

    def walk(element: ElementTree.Element) -> None:
        nonlocal glued
        start = length
        if element.tag == "w":
            glued += 1
            glued_started[0] = False
        put(element.text)
        for child in element:
            walk(child)
            put(child.tail)
        if element.tag == "w":
            glued -= 1
        spans.append((element, start, length))

    walk(block)
    return "".join(out), spans


# ── the captured page ────────────────────────────────────────────────────────────────────────────────────────────────


def digest_of(words: str) -> str:
    """Return what stands for a quote in this file: its first and last five words, none of which are in it."""
    found = re.findall(r"\w+", words.lower())
    return hashlib.sha256(" ".join(found[:5] + found[-5:]).encode()).hexdigest()[:12]


def of_captured(path: Path | None) -> list[Tally]:
    assert path is not None, "name the captured page"
    rows = page_articles(path.read_text("utf-8"))
    articles = [
        article_of({**row, "published": at, "language": "en"}, number)
        for number, (row, at) in enumerate(zip(rows, CAPTURED_AT, strict=True), 1)
    ]
    tallies = []
    for number, facts in enumerate(facts_in(articles)):
        tally = Tally()
        quotes = {digest: who for (n, digest), who in CAPTURED_QUOTES.items() if n == number}
        ours = {digest_of(q.words): q for q in facts.quotes}
        tally.true["quotes"], tally.found["quotes"] = len(quotes), len(facts.quotes)
        tally.right["quotes"] = len(quotes.keys() & ours.keys())
        for digest in quotes.keys() & ours.keys():
            speaker = ours[digest].speaker
            tally.true["speakers"] += 1
            tally.right["speaker_right"] += speaker is not None and speaker.endswith(quotes[digest])
            tally.right["speaker_wrong"] += speaker is not None and not speaker.endswith(quotes[digest])
        for kind, wanted, found in (
            ("figures", CAPTURED_FIGURES, {(number, f"{f.value:f}", f.unit) for f in facts.figures}),
            ("times", CAPTURED_TIMES, {(number, t.words, t.first.isoformat()) for t in facts.times}),
        ):
            true = {row for row in wanted if row[0] == number}
            tally.true[kind], tally.found[kind], tally.right[kind] = len(true), len(found), len(true & found)
            tally.notes += [f"{number}: {kind[:-1]} missed: {row[1:]}" for row in true - found]
            tally.notes += [f"{number}: no {kind[:-1]}: {row[1:]}" for row in found - true]
        tally.true["events"], tally.found["events"] = 1, facts.event is not None
        tally.right["events"] = (
            facts.event is not None and facts.event.first.isoformat() == CAPTURED_EVENTS[number]
        )
        tally.notes += [f"{number}: event {facts.event}"] if not tally.right["events"] else []
        tallies.append(tally)
    return tallies


if __name__ == "__main__":
    main()
