"""Timelines: what happened on which day, each day in the publishers' own sentences.

A day is that of the event: the one the sentence itself names, else the one that its article's opening tells.  The day of printing
counts only for the opening of an article that names no day at all, whose news is of that day as far as anybody can tell.
Days are ranked by who tells them (independent reports, above all those that still name a day later on); a day's sentences are
those that together hold the most of what is told of it (see summarise).
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files

from tidings.ai.sentences import Sentence, claim_of, sentences_of, showable
from tidings.ai.summarise import Part, choose, learned_weights, part_facts, parts_of, reports_of, worths_of
from tidings.model import Claim, Grain, Source, TimeExpression
from tidings.text import search_tokens

DAY_FACTS = ("bias", "mentions", "later", "openings", "worth")
READ_CHARACTERS = 120_000  # of all sources together
LEAST_READ, MOST_READ = 2_500, 30_000  # of each
OPENING = 3  # sentences that tell an article's news
LATER = timedelta(days=2)  # a report that names a day so long after it says that the day mattered
LEAST_CHANCE = 0.5  # of belonging on a timeline, where no number of dates is asked for
MOST_DATES = 30  # then
WORDS_A_SENTENCE = 40.0
_EXACT: tuple[Grain, ...] = ("day",)


@dataclass(frozen=True, slots=True)
class Dated:
    """What happened on a day, as sentences that cite themselves."""

    day: date
    grain: Grain
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence with the day it tells of; `is_stated` when it names the day itself."""

    sentence: Sentence
    day: date
    is_stated: bool


def timeline(
    sources: Sequence[Source],
    *,
    dates: int | None = None,
    sentences: int = 1,
    window: tuple[date, date] | None = None,
    weights: Sequence[float] | None = None,
) -> tuple[Dated, ...]:
    """Return the days on which something happened, oldest first, at most so many sentences each.

    dates: how many days, those most told of; None: those that are likely to matter, at most MOST_DATES.  window: the first and
    the last day that count.  weights: of DAY_FACTS, the kept ones by default.  A day none of whose sentences may be shown is left
    out, and the next takes its place.  Cost: see evals.timelines.
    """
    told = _told(sources, window)
    facts = _day_facts(told)
    ranked = _ranked(facts, learned_day_weights() if weights is None else weights)
    most = MOST_DATES if dates is None else dates
    chosen: list[Dated] = []
    shown: set[Part] = set()
    for day, chance in ranked:
        if len(chosen) == most or (dates is None and chosen and chance < LEAST_CHANCE):
            break
        picked = _sentences_of_day(told[day], sentences, shown)
        if picked:
            shown.update(part for s in picked for part in parts_of(s.tokens))
            chosen.append(Dated(day, "day", tuple(map(claim_of, picked))))
    return tuple(sorted(chosen, key=lambda one: one.day))


def timeline_facts(
    sources: Sequence[Source], *, window: tuple[date, date] | None = None
) -> dict[date, tuple[float, ...]]:
    """Return what is known of each day that these articles tell of, in the order of DAY_FACTS."""
    return _day_facts(_told(sources, window))


# ── days ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(sources: Sequence[Source], window: tuple[date, date] | None) -> dict[date, list[_Told]]:
    """Return the sentences that tell of each day."""
    reports = reports_of(sources, most=None)
    characters = min(MOST_READ, max(LEAST_READ, READ_CHARACTERS // max(1, len(reports))))
    by_day: dict[date, list[_Told]] = defaultdict(list)
    for source in reports:
        for one in _dated_sentences(source, characters):
            if window is None or window[0] <= one.day <= window[1]:
                by_day[one.day].append(one)
    return by_day


def _dated_sentences(source: Source, characters: int) -> list[_Told]:
    times: dict[int, list[TimeExpression]] = defaultdict(list)
    for time in source.facts.times if source.facts else ():
        if time.grain in _EXACT and time.first == time.last:
            times[time.paragraph].append(time)
    event = source.facts.event if source.facts else None
    printed = source.at.date()
    told = []
    for sentence in sentences_of(source, characters=characters):
        named = [t for t in times[sentence.paragraph] if sentence.start <= t.start < sentence.end]
        happened = [t for t in named if not t.is_printing] or named
        if happened:
            told.append(_Told(sentence, happened[0].first, True))
        elif sentence.place < OPENING:
            told.append(_Told(sentence, event.first if event and event.grain == "day" else printed, False))
    return told


def _day_facts(told: Mapping[date, Sequence[_Told]]) -> dict[date, tuple[float, ...]]:
    """Return what is known of each day, in the order of DAY_FACTS, each from 0 to 1 against the day that has most of it."""
    counted: dict[date, tuple[float, float, float, float]] = {}
    for day, ones in told.items():
        naming = {one.sentence.source.article_id for one in ones if one.is_stated}
        later = {
            one.sentence.source.article_id
            for one in ones
            if one.is_stated and one.sentence.source.at.date() >= day + LATER
        }
        opening = {one.sentence.source.article_id for one in ones if one.sentence.place < OPENING}
        counted[day] = (
            math.log1p(len(naming)),
            math.log1p(len(later)),
            math.log1p(len(opening)),
            0.0,
        )
    told_of = Counter(part for ones in told.values() for part in {p for o in ones for p in parts_of(o.sentence.tokens)})
    for day, ones in told.items():
        # How much of the day's telling is of its own: parts that few other days share, told by several reports.
        voices: Counter[Part] = Counter()
        for article in {o.sentence.source.article_id for o in ones}:
            voices.update({p for o in ones if o.sentence.source.article_id == article for p in parts_of(o.sentence.tokens)})
        own = sum(n - 1 for part, n in voices.items() if n > 1 and told_of[part] <= max(2, len(told) // 10))
        counted[day] = (*counted[day][:3], math.log1p(own))
    tops = [max((its[i] for its in counted.values()), default=0.0) or 1.0 for i in range(4)]
    return {day: (1.0, *(x / top for x, top in zip(its, tops, strict=True))) for day, its in counted.items()}


def _ranked(facts: Mapping[date, Sequence[float]], weights: Sequence[float]) -> list[tuple[date, float]]:
    chances = {
        day: 1.0 / (1.0 + math.exp(-sum(w * x for w, x in zip(weights, its, strict=True)))) for day, its in facts.items()
    }
    return sorted(chances.items(), key=lambda one: (-one[1], one[0]))


@lru_cache(maxsize=1)
def learned_day_weights() -> tuple[float, ...]:
    """Return the weights of DAY_FACTS that are kept (evals.train_timelines makes them)."""
    kept = json.loads((files("tidings.ai") / "timeline.json").read_text("utf-8"))["days"]
    return tuple(float(kept[fact]) for fact in DAY_FACTS)


# ── the sentences of a day ───────────────────────────────────────────────────────────────────────────────────────────


def _sentences_of_day(told: Sequence[_Told], most: int, shown: set[Part]) -> list[Sentence]:
    by_source: dict[int, list[Sentence]] = defaultdict(list)
    for one in told:
        by_source[one.sentence.source.article_id].append(one.sentence)
    texts = list(by_source.values())
    units = [frozenset(part for s in text for part in parts_of(s.tokens)) for text in texts]
    headlines = [frozenset(parts_of(search_tokens(t[0].source.headline, t[0].source.language))) for t in texts]
    facts = part_facts(texts, units, headlines, enough=max(1, min(len(texts) - 1, 6)))
    worths = {part: worth for part, worth in worths_of(facts, learned_weights()).items() if part not in shown}
    fit = [s for text in texts for s in showable(text) if not s.leans]
    chosen = choose(fit, worths, words=most * WORDS_A_SENTENCE, most=most)
    return sorted(chosen, key=lambda s: (s.place, s.source.article_id))
