"""What is true of the sample press, for tests and evals: which article belongs to which story, who said what.

    python -m sample.truth            write truth.json from the articles' front matter
    python -m sample.truth --check    say what is inconsistent, or that truth.json is stale; exit 1 then

The pipeline never sees it.  `compile_truth(press, addresses=running.addresses)` gives the same with the addresses of a
press that runs on other ports.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from sample.pages import at_path
from sample.press import PRESS_FOLDER, Article, Entity, Press, PressError, Revision, load_press

TRUTH_FILE = Path(__file__).parent / "truth.json"
FORM = 1

# Two articles that share this much of the smaller one's 5-word shingles are copies; rewrites of one event stay far below.
COPY_FLOOR = 0.35


def compile_truth(press: Press, *, addresses: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the truth as plain JSON values; addresses are those of the press on its usual ports unless given."""
    addresses = addresses or {p.id: f"http://{p.host}:{p.port}" for p in press.publishers.values()}
    ordered = sorted(press.articles.values(), key=lambda a: (a.story, a.published, a.id))
    stories: dict[str, list[str]] = {}
    for article in ordered:
        stories.setdefault(article.story, []).append(article.id)
    return {
        "form": FORM,
        "fiction": True,
        "publishers": [
            {
                "id": p.id,
                "name": p.name,
                "language": p.language,
                "site": addresses[p.id] + "/",
                "feed": addresses[p.id] + p.feed_path,
                "feed_format": p.feed,
            }
            for p in press.publishers.values()
        ],
        "stories": stories,
        "articles": [_article(article, press, addresses[article.publisher]) for article in ordered],
        "entities": [
            {
                "id": e.id,
                "kind": e.kind,
                "names": list(e.names),
                "articles": [a.id for a in ordered if _names(a, e)],
            }
            for e in press.entities
        ],
    }


def _names(article: Article, entity: Entity) -> bool:
    """Whether an article has one of an entity's spellings, as a whole word where its script parts words."""
    if entity.stories and article.story not in entity.stories:
        return False
    text = "\n".join((article.headline, article.standfirst or "", *article.paragraphs))
    origin = (article.dateline or "").split(" (")[0].casefold()
    return any(
        name in text if _HANGUL.search(name) else re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)", text)
        for name in entity.names
    ) or origin in {name.casefold() for name in entity.names}


_HANGUL = re.compile("[가-힣]")


def _article(article: Article, press: Press, base: str) -> dict[str, Any]:
    publisher = press.publishers[article.publisher]
    return {
        "id": article.id,
        "url": at_path(base, article.path),
        "story": article.story,
        "publisher": article.publisher,
        "language": publisher.language,
        "published_min": _minutes(article.published),  # from the start; positive: arrives live
        "headline": article.headline,
        "feed_headline": article.feed_headline,
        "section": article.section,
        "byline": list(article.byline),
        "dateline": article.dateline,
        "access": article.access,
        "open_paragraphs": article.open_paragraphs,  # what its page shows without a subscription or consent
        "wire_copy_of": article.wire_copy_of,
        "topics": list(article.topics),
        "people": list(article.people),
        "places": list(article.places),
        "quotes": [{"speaker": q.speaker, "words": q.words} for q in article.quotes],
        "figures": [{"what": f.what, "value": f.value} for f in article.figures],
        "revisions": [
            {
                "at_min": _minutes(r.at),
                "change": r.change,
                "correction": r.correction,
                "replace": [list(pair) for pair in r.replace],
                "seen": before != after,  # by a reader without a subscription or consent
            }
            for r, (before, after) in zip(
                _in_order(article.revisions), pairwise(_open_states(article)), strict=True
            )
        ],
        "audio": article.id in publisher.audio,
    }


def _minutes(offset: timedelta) -> int:
    return round(offset.total_seconds() / 60)


# ── consistency ──────────────────────────────────────────────────────────────────────────────────────────────────────


def inconsistencies(press: Press) -> list[str]:
    """Return what contradicts itself in the articles, each line naming the file and the field."""
    faults = [
        f"publishers.toml: audio: {name!r} is no article of {publisher.id}"
        for publisher in press.publishers.values()
        for name in publisher.audio
        if name not in press.articles or press.articles[name].publisher != publisher.id
    ]
    for article in press.articles.values():
        where = f"{article.story}/{article.id}.md"
        faults += [f"{where}: {fault}" for fault in _faults(article, press)]
    texts = ["\n".join("\n".join(state) for state in _states(article)) for article in press.articles.values()]
    faults += [
        f"entities.toml: {entity.id}: in no text: {name!r}"
        for entity in press.entities
        for name in entity.names
        if not any(name in text for text in texts)
        and not any(name in a.places for a in press.articles.values())
    ]
    return faults + list(_wrong_copies(press))


def _faults(article: Article, press: Press) -> Iterator[str]:
    publisher = press.publishers[article.publisher]
    states = list(_states(article))
    everything = "\n".join("\n".join(state) for state in states)
    bodies = [paragraph for state in states for paragraph in state[2:]]
    for quote in article.quotes:
        if not any(quote.words in paragraph for paragraph in bodies):
            yield f"quotes: not in one paragraph of the body: {quote.words!r}"
    for figure in article.figures:
        if figure.value not in everything:
            yield f"figures: not in the text: {figure.value!r} ({figure.what})"
    for person in article.people:
        if person not in everything:
            yield f"people: not in the text: {person!r}"
    state = states[0]
    for number, revision in enumerate(_in_order(article.revisions), start=1):
        for old, new in revision.replace:
            if not any(old in words for words in state):
                yield f"revisions: {number}: replace: not in the text at that time: {old!r}"
            state = [words.replace(old, new) for words in state]
        if state == states[number - 1]:
            yield f"revisions: {number}: changes nothing"
    if len({r.at for r in article.revisions}) < len(article.revisions):
        yield "revisions: two at the same time"
    if article.access not in ("open", *publisher.walls):
        yield f"access: {publisher.name} has no such wall: {article.access!r}"
    if article.access == "paywall" and len(article.paragraphs) < 4:
        yield "access: too short to hide anything behind a paywall"
    if publisher.feed in ("gone", "throttled"):
        yield f"publisher: {publisher.name} publishes nothing"
    original = press.articles.get(article.wire_copy_of or "")
    if article.wire_copy_of and original is None:
        yield f"wire_copy_of: there is no {article.wire_copy_of!r}"
    if original and original.publisher != "wire":
        yield f"wire_copy_of: {original.id} is not the agency's"
    if original and (original.story != article.story or original.published >= article.published):
        yield f"wire_copy_of: {original.id} is of another story or not older"


def _states(article: Article) -> Iterator[list[str]]:
    """Yield [headline, standfirst, *paragraphs] as first published and after each revision."""
    state = [article.headline, article.standfirst or "", *article.paragraphs]
    yield state
    for revision in _in_order(article.revisions):
        for old, new in revision.replace:
            state = [words.replace(old, new) for words in state]
        yield state


def _in_order(revisions: tuple[Revision, ...]) -> list[Revision]:
    return sorted(revisions, key=lambda r: r.at)


def _wrong_copies(press: Press) -> Iterator[str]:
    """Yield copies that are none, and rewrites that are copies."""
    shingles = {a.id: _shingles(a) for a in press.articles.values()}
    articles = list(press.articles.values())
    for i, one in enumerate(articles):
        for other in articles[i + 1 :]:
            few, many = sorted((shingles[one.id], shingles[other.id]), key=len)
            shared = len(few & many) / len(few) if few else 0.0
            families = {one.wire_copy_of or one.id, other.wire_copy_of or other.id}
            if (shared >= COPY_FLOOR) != (len(families) == 1):
                said = "are a wire copy and its original" if len(families) == 1 else "are no copies"
                yield f"{one.id} and {other.id}: wire_copy_of says they {said}, but they share {shared:.0%}"


def _open_states(article: Article) -> Iterator[list[str]]:
    """Yield what of each state stands in front of the wall; a consent wall shows the headline alone."""
    shown = 1 if article.access == "consent" else 2 + article.open_paragraphs
    for state in _states(article):
        yield state[:shown]


def _shingles(article: Article) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(article.paragraphs).lower())
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────────


def truth_text(press: Press) -> str:
    return json.dumps(compile_truth(press), ensure_ascii=False, indent=1) + "\n"


def load_truth(path: Path = TRUTH_FILE) -> dict[str, Any]:
    """Return the committed truth."""
    truth: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return truth


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sample.truth", description="Compile or check sample/truth.json."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when stale or inconsistent"
    )
    parser.add_argument("--press", type=Path, default=PRESS_FOLDER, help="folder of the articles")
    parser.add_argument("--file", type=Path, default=TRUTH_FILE, help="the compiled truth")
    asked = parser.parse_args(arguments)
    try:
        press = load_press(asked.press)
    except PressError as exc:
        print(exc, file=sys.stderr)
        return 1
    faults = inconsistencies(press)
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    text = truth_text(press)
    if not asked.check:
        asked.file.write_text(text, "utf-8")
    elif not asked.file.exists() or asked.file.read_text("utf-8") != text:
        print(f"{asked.file} is stale: run python -m sample.truth and commit it", file=sys.stderr)
        return 1
    print(
        f"{len(press.articles)} articles in {len({a.story for a in press.articles.values()})} stories, "
        f"{sum(bool(a.wire_copy_of) for a in press.articles.values())} wire copies, {len(faults)} faults"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
