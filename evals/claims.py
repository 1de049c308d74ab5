"""Claims for evals.evidence: true and false ones, made by a seeded script from annotated articles (see claim_kinds.py)."""

from __future__ import annotations

import hashlib
import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evals.claim_kinds import (
    ANY_LANGUAGE,
    FALSE_KINDS,
    FIGURE,
    LEAST,
    MAKERS,
    MOST,
    Annotated,
    Desk,
    Place,
    Spoken,
)
from evals.press import press_articles
from tidings.model import Article

PAIRS = Path(__file__).with_name("evidence_pairs.toml")


@dataclass(frozen=True, slots=True)
class Made:
    """A claim of one kind with the sentences that it cites; `half` is "dev" or "test"."""

    kind: str
    text: str
    cited: tuple[Place, ...]
    sources: tuple[str, ...]
    language: str
    half: str

    @property
    def is_true(self) -> bool:
        return self.kind not in FALSE_KINDS


# ── articles ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_STOP = re.compile(r"(?<=[.!?])[\"”’'“»]?\s+(?=[\"“„‘'«]?[A-ZÄÖÜ0-9가-힣])")
_SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Sen|Rep|Gov|Lt|Col|No|Inc|Corp|Co|vs|Jr|Sr|U\.S|Jan|Feb|Aug|Sept|Oct|Nov|Dec|Nr|Mio)|\b[A-Z]|\b\d{1,2})\.$"
)


def sentences_of(article: Article) -> tuple[tuple[str, Place], ...]:
    """Return an article's sentences, cut by a regular expression: where a stop is followed by white space and a capital."""
    found = []
    for number, paragraph in enumerate(article.extract.paragraphs):
        start = 0
        cuts = list(_STOP.finditer(paragraph))
        for end, after in [
            *((m.start() + len(m.group().rstrip()), m.end()) for m in cuts),
            (len(paragraph),) * 2,
        ]:
            if _SHORT.search(paragraph[start:end]) and end < len(paragraph):
                continue
            text = paragraph[start:end]
            if text.strip():
                found.append((text, Place(article.id, number, start, end)))
            start = after
    return tuple(found)


def press_annotated(*, first_id: int = 1) -> list[Annotated]:
    """Return the sample press with its annotations."""
    found = []
    for number, one in enumerate(press_articles(), first_id):
        article = replace(
            one.article, id=number, text_digest=hashlib.sha256(one.written.id.encode()).digest()
        )
        written = one.written
        found.append(
            Annotated(
                article, written.story, article.extract.language or "en", written.people, written.places,
                tuple(Spoken(q.speaker, q.words) for q in written.quotes), tuple(f.value for f in written.figures),
                written.id, sentences_of(article),
            )
        )  # fmt: skip
    return found


_PAIR = re.compile(r"(?<![.\w] )(?<=[a-z,] )\b([A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]{2,})\b(?! [A-Z])")
_PLACED = re.compile(r"\b(?:in|at|from|near) ([A-Z][a-z]{3,}(?: [A-Z][a-z]+)?)\b(?! [A-Z])")
_SAID = re.compile(r"[“\"]([^“”\"]{30,200}[,.?!])[”\"],? ([A-Z][a-z]+ [A-Z][a-z]+) (?:said|told)")
_CALENDAR = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January|February|March|April|June|July|August|September|October|November|December|May)"
)


def real_annotated(articles: Iterable[Article]) -> list[Annotated]:
    """Return English articles with names, places, quotations and figures that regular expressions find in them."""
    found = []
    for article in articles:
        if article.extract.language != "en" or len(article.extract.paragraphs) < 2:
            continue
        text = "\n".join(article.extract.paragraphs)
        places = tuple(dict.fromkeys(p for p in _PLACED.findall(text) if not _CALENDAR.search(p)))
        people = tuple(
            dict.fromkeys(n for n in _PAIR.findall(text) if n not in places and not _CALENDAR.search(n))
        )
        quotes = tuple(Spoken(name, words) for words, name in _SAID.findall(text))
        found.append(
            Annotated(
                article, f"real-{article.id}", "en", people, places, quotes, tuple(dict.fromkeys(FIGURE.findall(text))),
                f"real-{article.id}", sentences_of(article),
            )
        )  # fmt: skip
    return found


def half_of(story: str) -> str:
    """Return the half that a story's articles are in."""
    return "dev" if hashlib.sha256(story.encode()).digest()[0] % 2 else "test"


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def claims_of(articles: Sequence[Annotated], *, seed: int, most: int) -> list[Made]:
    """Return claims of every kind, at most so many of each kind, half and set (press or real); always the same for one seed."""
    stories: dict[str, list[Annotated]] = defaultdict(list)
    for article in articles:
        stories[article.story].append(article)
    pools: dict[tuple[str, str, bool], list[Made]] = defaultdict(list)
    for article in articles:
        half = half_of(article.story)
        real = article.id.startswith("real-")
        fellows = [a for a in stories[article.story] if a is not article and a.language == article.language]
        strangers = [
            a for a in articles
            if a.story != article.story and a.language == article.language and half_of(a.story) == half
            and a.id.startswith("real-") == real
        ]  # fmt: skip
        for text, place in article.sentences:
            if not LEAST <= len(text) <= MOST:
                continue
            for kind, maker in MAKERS.items():
                if article.language != "en" and kind not in ANY_LANGUAGE:
                    continue
                chance = random.Random(f"{seed}{kind}{article.id}{place}")
                desk = Desk(article, text, place, fellows, strangers, chance, half)
                for made in maker(desk):
                    claim, more = (made, ()) if isinstance(made, str) else (made[0], made[1:])
                    if claim == text:
                        continue
                    cited = (place, *((more[0],) if more else ()))
                    said = (text, *((more[1],) if more else ()))
                    pools[kind, half, real].append(
                        Made(kind, _tidied(claim), cited, said, article.language, half)
                    )  # type: ignore[arg-type]
    found: list[Made] = []
    for key in sorted(pools):
        pool = pools[key]
        found += random.Random(f"{seed}{key}").sample(pool, min(most, len(pool)))
    return found + list(_by_hand(articles))


def _by_hand(articles: Sequence[Annotated]) -> Iterator[Made]:
    by_id = {article.id: article for article in articles}
    for kind, rows in tomllib.loads(PAIRS.read_text("utf-8")).items():
        for name, begins, text in rows:
            article = by_id.get(name)
            if article is None:
                continue
            at = next((one for one in article.sentences if one[0].startswith(begins)), None)
            if at is None:
                raise SystemExit(f"{PAIRS.name}: no sentence of {name} begins {begins!r}")
            yield Made(f"by hand, {kind}", text, (at[1],), (at[0],), article.language, half_of(article.story))


def _tidied(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text[:1].upper() + text[1:]
