"""Summaries and key points in the publishers' own sentences: what is chosen is verbatim and cites itself.

A text is seen as its *parts*: stems, and pairs of neighbouring stems.  How likely an editor's summary is to hold a part is read
off who tells it (independent reports, headlines) and where it stands; the sentences are those that together hold the most of it,
each part counted once, so that nothing is said twice (Gillick & Favre 2009; weights by evals.train_summaries).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, pairwise

from tidings.ai.sentences import Sentence, claim_of, is_prose, sentences_of, showable
from tidings.model import Claim, Source
from tidings.stories.rarity import primary
from tidings.text import search_tokens

PART_FACTS = ("bias", "pair", "support", "headline", "place", "number")
Part = tuple[str, ...]

READ_CHARACTERS = 60_000  # of all sources together; each is read from its opening
LEAST_READ = 1_500  # of each
MOST_SOURCES = 60  # the newest are read
ENOUGH_REPEATED = 4  # sentences after the first that repeat a part of one article: as if all reports told it
LENGTH_POWER = (
    0.5  # a sentence's worth is divided by its words to this power: by 1 short ones win, by 0 long ones
)
OVER = 1.15  # a summary may be longer than asked by this, so that its last sentence can be a good one
FIRST_OVER = (
    2.0  # the same of its first: leads run to 45 words, and a line of 25 must not pass over every one of them
)
MOVED = timedelta(
    hours=18
)  # between the first report and the last: the story moved, and its newest facts come first
FRESH = timedelta(
    hours=24
)  # what is so much older than the newest report counts three quarters, never less than half
OPENING = 4.0  # a summary of one report is taken from its opening, so many times as long: the rest bears out what that tells
LEADS = 2  # sentences of a report that tell what is new
LEAST_NEW = 0.35  # of a sentence's worth must be new to what is shown already
POINT_WORDS = 45  # of a key point, at most


def summary(
    sources: Sequence[Source], *, words: int, weights: Sequence[float] | None = None
) -> tuple[Claim, ...]:
    """Return the sentences that tell best what these articles tell, about so many words, each citing itself.

    Of one article they are of its opening, in its order; of several, the leading ones come first, and where the story moved the
    newest reports that are shown by their leads.  Copies count as the report they copy.  All are in the language of most of the
    reports.  The last may exceed the words asked by 15 %, the first may have twice as many; where no sentence is fit to be shown,
    the first of each text stands in.  weights: of PART_FACTS, the kept ones by default.  Cost: 160 ms for 30 articles of 600
    words (see evals.summaries).
    """
    told = _told(sources, learned_weights() if weights is None else weights, opening=OPENING * words)
    return tuple(
        map(claim_of, told.ordered(choose(told.sentences, told.worths, words=words, fresh=told.fresh)))
    )


def key_points(source: Source, *, most: int = 5) -> tuple[Claim, ...]:
    """Return the sentences of an article that hold the most of it, in its order, at most so many, each standing alone."""
    told = _told((source,), learned_weights())
    short = [s for s in told.sentences if s.words <= POINT_WORDS and not s.leans]
    return tuple(map(claim_of, told.ordered(choose(short, told.worths, words=most * POINT_WORDS, most=most))))


# ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Told:
    """The sentences that may be shown, and what their parts are worth."""

    sentences: list[Sentence]
    worths: dict[Part, float]
    has_moved: bool

    def fresh(self, sentence: Sentence) -> float:
        """Return how much a sentence counts for its age, 1 to ½; 1 where the story did not move."""
        if not self.has_moved:
            return 1.0
        newest = max(s.source.at for s in self.sentences)
        return 0.5 + 0.5 * math.exp2(-((newest - sentence.source.at) / FRESH))

    def ordered(self, chosen: Sequence[Sentence]) -> list[Sentence]:
        """Return sentences as they are read, each that leans on another right behind it."""
        whole = {(s.source.article_id, s.place): s for s in chosen}
        led = {s.source.article_id for s in chosen if s.place < LEADS}

        def key(sentence: Sentence) -> tuple[bool, float, int, int, int]:
            head = sentence
            while head.leans and (head.source.article_id, head.place - 1) in whole:
                head = whole[head.source.article_id, head.place - 1]
            is_late = self.has_moved and head.source.article_id not in led
            age = -head.source.at.timestamp() if self.has_moved else 0.0
            return is_late, age, head.place, head.source.article_id, sentence.place

        return sorted(chosen, key=key)


def _told(sources: Sequence[Source], weights: Sequence[float], *, opening: float = math.inf) -> _Told:
    """Return what may be shown of these articles; opening: of one report, sentences among so many words, if any stands alone."""
    read, texts, facts = _read(sources)
    times = [source.at for source in read]
    shown = [sentence for text in texts for sentence in showable(text)]
    if len(read) == 1:
        before = accumulate((sentence.words for sentence in texts[0]), initial=0.0)
        last = max((place for place, words in enumerate(before) if words < opening), default=0)
        of_opening = [sentence for sentence in shown if sentence.place <= last]
        shown = of_opening if any(not sentence.leans for sentence in of_opening) else shown
    if all(sentence.leans for sentence in shown):
        shown = [replace(s, leans=False) for text in texts for s in text[:1] if is_prose(s.text)]
    return _Told(
        shown,
        worths_of(facts, weights),
        bool(times) and max(times) - min(times) >= MOVED,
    )


def facts_told(sources: Sequence[Source]) -> dict[Part, tuple[float, ...]]:
    """Return what is known of each part of what these articles tell, in the order of PART_FACTS."""
    return _read(sources)[2]


def _read(
    sources: Sequence[Source],
) -> tuple[list[Source], list[tuple[Sentence, ...]], dict[Part, tuple[float, ...]]]:
    read = reports_of(sources)
    characters = max(LEAST_READ, READ_CHARACTERS // max(1, len(read)))
    texts = [sentences_of(source, characters=characters) for source in read]
    units: list[frozenset[Part]]
    if len(read) > 1:
        units = [frozenset(part for s in text for part in parts_of(s.tokens)) for text in texts]
        enough = len(units) - 1
    else:
        units = [frozenset(parts_of(s.tokens)) for text in texts for s in text]
        enough = min(ENOUGH_REPEATED, max(1, len(units) - 1))
    headlines = [frozenset(parts_of(search_tokens(s.headline, s.language))) for s in read]
    return read, texts, part_facts(texts, units, headlines, enough=enough)


def reports_of(sources: Sequence[Source]) -> list[Source]:
    """Return one source of each voice, in one language: its newest text, no copy if it can be; the newest MOST_SOURCES of them."""
    by_voice: dict[str, Source] = {}
    for source in sources:
        kept = by_voice.get(voice_of(source))
        if kept is None or (source.original_id is None, source.at) > (kept.original_id is None, kept.at):
            by_voice[voice_of(source)] = source
    mine = in_one_language(list(by_voice.values()))
    newest = sorted(mine, key=lambda s: (s.at, s.article_id), reverse=True)[:MOST_SOURCES]
    kept_ids = {source.article_id for source in newest}
    return [source for source in mine if source.article_id in kept_ids]


def voice_of(source: Source) -> str:
    """Return what tells whose report a source is: its voice, else the article that it is or copies."""
    return source.voice or f"article {source.original_id or source.article_id}"


def in_one_language(sources: Sequence[Source]) -> list[Source]:
    """Return the sources in the language that most of them are in, the first one's where two have as many."""
    counts = Counter(primary(source.language) for source in sources)
    language = max(counts, key=lambda code: counts[code], default="")
    return [source for source in sources if primary(source.language) == language]


def parts_of(tokens: Sequence[str]) -> list[Part]:
    """Return the parts of a text: its tokens, and each two neighbours; repeated as they repeat."""
    return [(token,) for token in tokens] + list(pairwise(tokens))


def part_facts(
    texts: Iterable[Sequence[Sentence]],
    units: Sequence[frozenset[Part]],
    headlines: Sequence[frozenset[Part]],
    *,
    enough: int,
) -> dict[Part, tuple[float, ...]]:
    """Return what is known of each part of these texts, in the order of PART_FACTS.

    units: what tells a part independently: reports, or the sentences of one; enough: how many beside the first make its support 1.
    """
    told = Counter(part for unit in units for part in unit)
    headed = Counter(part for headline in headlines for part in headline)
    place: dict[Part, int] = {}
    for text in texts:
        for sentence in text:
            for part in parts_of(sentence.tokens):
                place[part] = min(place.get(part, sentence.place), sentence.place)
    return {
        part: (
            1.0,
            float(len(part) == 2),
            min(1.0, (told[part] - 1) / max(1, enough)),
            headed[part] / max(1, len(headlines)),
            math.log1p(at),
            float(any(character.isdigit() for token in part for character in token)),
        )
        for part, at in place.items()
    }


def worths_of(facts: Mapping[Part, Sequence[float]], weights: Sequence[float]) -> dict[Part, float]:
    """Return how likely a summary is to hold each part, 0 to 1."""
    return {
        part: 1.0 / (1.0 + math.exp(-sum(w * x for w, x in zip(weights, its, strict=True))))
        for part, its in facts.items()
    }


@lru_cache(maxsize=1)
def learned_weights() -> tuple[float, ...]:
    """Return the weights of PART_FACTS that are kept (evals.train_summaries makes them)."""
    kept = json.loads((files("tidings.ai") / "summarise.json").read_text("utf-8"))["parts"]
    return tuple(float(kept[fact]) for fact in PART_FACTS)


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def choose(
    sentences: Sequence[Sentence],
    worths: Mapping[Part, float],
    *,
    words: float,
    most: int | None = None,
    fresh: Callable[[Sentence], float] = lambda sentence: 1.0,
) -> list[Sentence]:
    """Return the sentences that together are worth the most in about so many words, the best first.

    A sentence that leans is taken only when the one before it is.  Each is the one that adds the most, for its length, to those before it (greedy: at least 1 − 1/√e of the best there is for a
    worth that counts each part once; on the roundups as good as trying all).
    """
    parts = [frozenset(parts_of(s.tokens)) for s in sentences]
    whole = [sum(worths.get(part, 0.0) for part in its) for its in parts]
    counts = [fresh(s) / max(1.0, s.words) ** LENGTH_POWER for s in sentences]
    shortest = min((s.words for s in sentences if not s.leans), default=0.0)
    over = (OVER - 1.0) * words
    left = [i for i, s in enumerate(sentences) if s.words <= max(words * FIRST_OVER, shortest)]
    gains = dict(enumerate(whole))
    shown: set[Part] = set()
    told: set[tuple[int, int]] = set()
    chosen: list[Sentence] = []
    while left and (most is None or len(chosen) < most):
        ready = [i for i in left if not sentences[i].leans or _place_before(sentences[i]) in told]
        if not ready:
            break
        best = max(ready, key=lambda i: gains[i] * counts[i])
        told.add((sentences[best].source.article_id, sentences[best].place))
        chosen.append(sentences[best])
        words -= sentences[best].words
        shown |= parts[best]
        left = [i for i in left if i != best and sentences[i].words <= words + over]
        gains = {i: sum(worths.get(part, 0.0) for part in parts[i] - shown) for i in left}
        left = [i for i in left if gains[i] > LEAST_NEW * whole[i]]
    return chosen


def _place_before(sentence: Sentence) -> tuple[int, int]:
    return sentence.source.article_id, sentence.place - 1
