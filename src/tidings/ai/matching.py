"""Which sayings of several sources say the same: sayings in, groups out.

A pair of sentences, or of figures of one value, is scored by a weighted sum.  The weights come from logistic fits on eleven stories
of the sample press, those of figures rounded by hand (see docs/design/comparison.md for how far they hold).  Groups are built by average linkage; groups of figures then
meet where they count the same victims, or give one thing another value.

Names are taken out of what is compared: within one story every second sentence has the mayor in it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tidings.ai.linkage import grouped
from tidings.ai.sayings import Saying
from tidings.ai.tolls import toll_of
from tidings.model import Figure
from tidings.ports import Embedder
from tidings.stories.rarity import primary, token_zipf
from tidings.stories.units import CURRENCIES
from tidings.text import fold, search_tokens

MOST_SENTENCES, MOST_FIGURES = 1_200, 500  # that are compared, those that stand highest in their articles
MOST_EMBEDDED = 80  # sentences, and as many surroundings of figures: 0.1 s of one quiet core for both
_MONEY = frozenset(CURRENCIES.values())
_HANGUL = re.compile("[\uac00-\ud7a3]")
# How far apart two values of one thing may lie, the greater to the less: in general, percentages, where one noun is counted.
MOST_APART, MOST_APART_PERCENT, MOST_APART_COUNTED = Decimal("1.25"), Decimal("1.1"), Decimal(2)
# Of what makes two sentences one: logistic weights.
_BY_MEANING, _BY_WORDS, _IN_ONE_LANGUAGE, _ALWAYS = 8.3, 14.2, -2.8, -2.2
LEAST_MARGIN = 0.15
LEAST_SHARED = 4  # words of two sentences, function words too: one rare word in common tells nothing
_NEIGHBOURS = 6
# The margin of a sentence that was not embedded: a little under that of an ordinary pair; and the least words in common by which
# two of those can be one.
_UNKNOWN_MEANING = -0.4
_LEAST_ALONE = -(_ALWAYS + _BY_MEANING * _UNKNOWN_MEANING) / _BY_WORDS
_LETTERS = re.compile(r"\W+")

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Unit:
    """A saying and those that say it in the very same words (copies of a report, a headline repeated)."""

    saying: Saying
    sayings: tuple[Saying, ...]

    @property
    def figure(self) -> Figure | None:
        return self.saying.figure


def units_of(sayings: Sequence[Saying]) -> list[Unit]:
    """Return the units of sayings in their order, case and punctuation aside; a figure's keeps its place in the sentence."""
    found: dict[tuple[str, str, int], list[Saying]] = {}
    last, text = None, ""
    for saying in sayings:
        place = (id(saying.source), saying.paragraph, saying.start)
        if place != last:  # a sentence is followed by its figures
            last, text = place, _LETTERS.sub(" ", saying.text.casefold())
        at = saying.figure.start - saying.start if saying.figure else -1
        found.setdefault((primary(saying.source.language), text, at), []).append(saying)
    return [Unit(same[0], tuple(same)) for same in found.values()]


def same_sayings(sayings: Sequence[Saying], meanings: Embedder | None) -> list[tuple[Saying, ...]]:
    """Return the groups of sayings that say the same, every saying in exactly one; sentences and figures never mix.

    Without an embedder only words, names and figures tell, and sayings of two languages meet by figures alone.
    """
    units = units_of(sayings)
    sentences = [u for u in units if u.figure is None]
    figures = [u for u in units if u.figure is not None]
    left = _deepest(sentences, MOST_SENTENCES) + _deepest(figures, MOST_FIGURES)
    weights = weights_of([u.saying for u in (*sentences, *figures)])
    joined = [[sentences[i] for i in group] for group in _same_sentences(sentences, weights, meanings)]
    if figures:
        compared = _Figures.of(figures, weights, meanings)
        groups = _with_other_values(grouped(len(figures), compared.scores()), compared)
        joined += [[figures[i] for i in group] for group in groups]
    joined += [[unit] for unit in left]
    return [tuple(saying for unit in group for saying in unit.sayings) for group in joined]


def _deepest(units: list[Unit], most: int) -> list[Unit]:
    """Take the units that stand deepest in their articles out of a list that is too long, and return them."""
    if len(units) <= most:
        return []
    by_depth = sorted(range(len(units)), key=lambda i: (units[i].saying.paragraph, i))
    kept = sorted(by_depth[:most])
    left = [units[i] for i in sorted(by_depth[most:])]
    units[:] = [units[i] for i in kept]
    return left


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def weights_of(sayings: Sequence[Saying]) -> dict[str, float]:
    """Return how much each token tells: rare in these sayings, and rare in its language."""
    sentences = [s for s in sayings if s.figure is None] or list(sayings)
    counts = Counter(token for s in sentences for token in s.tokens)
    languages = {token: s.source.language for s in sayings for token in s.tokens | s.near}
    return {
        token: math.log(1 + len(sentences) / max(1, counts[token])) * _telling(token, language)
        for token, language in languages.items()
    }


def _telling(token: str, language: str | None) -> float:
    """Return 0.05 to 1: function words least, figures by how many digits they have."""
    zipf = 6.0 - _digits(token[1:]) if token[0] == "#" else token_zipf(token, language)
    return min(1.0, max(0.05, (6.4 - zipf) / 3))


def _digits(number: str) -> int:
    return max(1, len(number.replace(".", "").strip("0")))


def _overlaps(tokens: Sequence[frozenset[str]], weights: Mapping[str, float], *, least: int = 1) -> Array:
    """Return the cosine of each two sets of tokens by their weights, 0 where they share fewer than `least`; n × n."""
    held, lengths, known = _held(tokens, weights)
    rows = held * known
    rows /= lengths[:, None]
    cosines = rows @ rows.T
    if least > 1:
        cosines[held @ held.T < least] = 0.0
    np.fill_diagonal(cosines, 1.0)
    return cosines


def _shared(tokens: Sequence[frozenset[str]]) -> Array:
    """Return how many tokens each two sets share, n × n; of a set and itself those that others have too."""
    held, _, _ = _held(tokens, {})
    return held @ held.T


def _held(tokens: Sequence[frozenset[str]], weights: Mapping[str, float]) -> tuple[Array, Array, Array]:
    """Return which of the tokens that several sets have each set has, sets × tokens of 1 or 0; each set's length; their weights."""
    numbers: dict[str, int] = {}
    flat = np.array([numbers.setdefault(token, len(numbers)) for own in tokens for token in own], np.intp)
    rows = np.repeat(np.arange(len(tokens)), [len(own) for own in tokens])
    known = np.array([weights.get(token, 0.0) for token in numbers])
    squares = (
        np.bincount(rows, known[flat] ** 2, minlength=len(tokens)) if len(flat) else np.zeros(len(tokens))
    )
    names = list(numbers)
    several = sorted(np.flatnonzero(np.bincount(flat, minlength=len(names)) > 1), key=names.__getitem__)
    column = np.full(len(names), -1)
    column[several] = np.arange(len(several))
    columns = column[flat]
    held = np.zeros((len(tokens), len(several)), np.float32)
    held[rows[columns >= 0], columns[columns >= 0]] = 1.0
    lengths = np.maximum(np.sqrt(squares), 1e-9)
    return held, lengths.astype(np.float32), known[several].astype(np.float32)


@lru_cache(maxsize=2_000)
def _name_tokens(name: str, language: str | None) -> frozenset[str]:
    return frozenset(search_tokens(name, language))


def _without_names(sayings: Sequence[Saying]) -> list[tuple[str, frozenset[str]]]:
    """Return the text of each saying without the names of its source, and the tokens of those."""
    forms = {
        key: [form for name in source.names for form in (name.label, *name.forms) if len(form) > 2]
        for key, source in {id(s.source): s.source for s in sayings}.items()
    }
    found = []
    for saying in sayings:
        text = saying.text
        gone: set[str] = set()
        for form in forms[id(saying.source)]:
            if form in text:
                text = text.replace(form, " ")
                gone |= _name_tokens(form, saying.source.language)
        found.append((" ".join(text.split()), frozenset(gone)))
    return found


# ── meanings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _margins(
    texts: Sequence[str], chosen: NDArray[np.int64], sources: NDArray[np.int64], meanings: Embedder | None
) -> tuple[Array, Array]:
    """Return how much closer two texts are than each is to its nearest others, and their cosine, both n × n.

    Only the chosen texts are embedded; where one was not, the margin is that of an ordinary pair.
    Similarity is taken less the mean of a text's nearest neighbours in other sources (Conneau et al. 2018, CSLS), because
    some sentences are near everything.
    """
    n = len(texts)
    margins = np.full((n, n), _UNKNOWN_MEANING, np.float32)
    cosines = np.full((n, n), 0.2, np.float32)
    if meanings is None or len(chosen) < 2:
        return margins, cosines
    vectors = meanings.embed([texts[i] for i in chosen])
    near = vectors @ vectors.T
    others = np.where(sources[chosen][:, None] == sources[chosen][None], -1.0, near)
    usual = np.sort(others, axis=1)[:, -_NEIGHBOURS:].mean(axis=1)
    margins[np.ix_(chosen, chosen)] = 2 * near - usual[:, None] - usual[None]
    cosines[np.ix_(chosen, chosen)] = near
    return margins, cosines


def _promising(hints: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of those that are worth an embedding, the best first."""
    return np.argsort(-hints, kind="stable")[:MOST_EMBEDDED]


def _hints(
    same: Array, across: Array, sources: NDArray[np.int64], languages: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how promising each saying is: its best overlap with another source, in its language or (`across`) in another.

    Ranks are taken for either apart, because two languages share no more than names and figures.
    """
    elsewhere = sources[:, None] != sources[None]
    within = languages[:, None] == languages[None]
    best = np.zeros(len(sources), np.int64)
    for mask, overlaps in ((within, same), (~within, across)):
        nearest = np.where(elsewhere & mask, overlaps, 0.0).max(axis=1, initial=0.0)
        best = np.maximum(best, np.where(nearest > 0, nearest.argsort(kind="stable").argsort(), 0))
    return best


def _likely(scores: Array) -> Array:
    return (1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)


def _numbered(values: Sequence[object]) -> NDArray[np.int64]:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values], np.int64)


# ── two sentences ────────────────────────────────────────────────────────────────────────────────────────────────────


def _same_sentences(
    units: Sequence[Unit], weights: dict[str, float], meanings: Embedder | None
) -> list[list[int]]:
    """Return the groups of sentences that say the same, each sentence in one."""
    if not units:
        return []
    sayings = [u.saying for u in units]
    bare = _without_names(sayings)
    sources = _numbered([s.source.article_id for s in sayings])
    languages = _numbered([primary(s.source.language) for s in sayings])
    named = frozenset().union(*(gone for _, gone in bare))
    overlaps = _overlaps([s.tokens - named for s in sayings], weights, least=LEAST_SHARED)
    across = _overlaps([s.tokens for s in sayings], weights) if languages.any() else overlaps
    promising = _promising(_hints(overlaps, across, sources, languages))
    quotes = {i: s.quote.words for i, s in enumerate(sayings) if s.quote is not None}
    quoted = np.array(list(quotes), np.intp)
    # Nothing else can come to a score over one half: most sentences of a story are said once.
    by_words = np.flatnonzero((overlaps > _LEAST_ALONE).sum(axis=1) > 1)
    read = np.unique(np.concatenate([promising, by_words, quoted]))
    margins, _ = _margins(
        [bare[i][0] for i in read], np.searchsorted(read, promising), sources[read], meanings
    )
    same_language = languages[read][:, None] == languages[read][None]
    scores = _likely(
        _BY_MEANING * margins
        + _BY_WORDS * overlaps[np.ix_(read, read)]
        + _IN_ONE_LANGUAGE * same_language
        + _ALWAYS
    )
    same = _same_quotes(list(quotes.values()))
    block = np.ix_(np.searchsorted(read, quoted), np.searchsorted(read, quoted))
    scores[block] = np.where(same, np.float32(0.99), scores[block])
    alone = np.setdiff1d(np.arange(len(units)), read)
    return [[int(read[i]) for i in group] for group in grouped(len(read), scores)] + [[int(i)] for i in alone]


def _same_quotes(quotes: Sequence[str]) -> NDArray[np.bool_]:
    """Return which quotations are one: of four words or more, nearly all of the shorter in the longer; n × n."""
    words = [frozenset(_LETTERS.split(fold(quote))) - {""} for quote in quotes]
    sizes = np.array([len(own) for own in words])
    fewer = np.minimum(sizes[:, None], sizes[None])
    same: NDArray[np.bool_] = (fewer >= 4) & (_shared(words) >= 0.9 * fewer)
    np.fill_diagonal(same, val=False)
    return same


# ── two figures ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Figures:
    """Figures with what two of them are compared by; matrices are n × n, all but the margins 0 to 1."""

    figures: list[Figure]
    sources: list[int]
    tolls: list[str | None]
    counted: list[frozenset[str]]
    near: Array
    whole: Array
    around: Array
    margins: Array
    same_language: NDArray[np.bool_]

    @classmethod
    def of(cls, units: Sequence[Unit], weights: dict[str, float], meanings: Embedder | None) -> _Figures:
        sayings = [u.saying for u in units]
        figures = [s.figure for s in sayings if s.figure is not None]
        sources = [s.source.article_id for s in sayings]
        languages = _numbered([primary(s.source.language) for s in sayings])
        values = _numbered([f.value for f in figures])
        near = _overlaps([s.near for s in sayings], weights)
        numbered = _numbered(sources)
        promising = near + (values[:, None] == values[None])
        hints = _hints(promising, promising, numbered, languages)
        margins, around = _margins([s.words for s in sayings], _promising(hints), numbered, meanings)
        return cls(
            figures,
            sources,
            [toll_of(s) for s in sayings],
            [frozenset(search_tokens(s.figure.counted, s.source.language)) for s in sayings if s.figure],
            near,
            _overlaps([s.tokens for s in sayings], weights),
            around,
            margins,
            languages[:, None] == languages[None],
        )

    def scores(self) -> Array:
        """Return the probability that two figures of one value are of one thing; 0 for two values."""
        values = _numbered([f.value for f in self.figures])
        rare = np.array([rarity(f) for f in self.figures], np.float32)
        telling = 5.0 * self.around + 2.0 * self.near + 3.0 * self.whole - 1.2 * self.same_language
        telling = telling + 2.0 * rare[:, None] - 2.0 - 2.0 * self._of_other_things()
        scores = np.where(values[:, None] == values[None], _likely(telling), 0.0)
        tolls = _numbered(self.tolls)
        counts = np.array([toll is not None for toll in self.tolls])
        both = counts[:, None] & counts[None] & (scores > 0)
        scores = np.where(both, np.where(tolls[:, None] == tolls[None], 0.995, 0.0), scores)
        for a, b in np.argwhere(np.tril(scores, -1) > 0):
            if not can_be_compared(self.figures[a], self.figures[b]):
                scores[a, b] = scores[b, a] = 0.0
        return scores.astype(np.float32)

    def _of_other_things(self) -> NDArray[np.bool_]:
        """Return where one language counts two nouns without a word in common ("eleven boxes", "eleven occasions"), n × n."""
        told = np.array([bool(own) for own in self.counted])
        other: NDArray[np.bool_] = (
            self.same_language & told[:, None] & told[None] & (_shared(self.counted) == 0)
        )
        np.fill_diagonal(other, val=False)
        return other


def _with_other_values(groups: list[list[int]], figures: _Figures) -> list[list[int]]:
    """Return the groups with those joined that give one thing another value: the same toll, or what is told in like words.

    "640 million" meets "655 million", the likest first.
    """
    groups = _by_toll(groups, figures)
    large = [
        n
        for n, group in enumerate(groups)
        if figures.figures[group[0]].value > 12 and not any(figures.tolls[i] for i in group)
    ]
    values = np.array([float(figures.figures[groups[n][0]].value) for n in large])
    far = values[:, None] > float(MOST_APART_COUNTED) * 1.001 * values[None]
    pairs = ((large[i], large[j]) for j, i in np.argwhere(np.triu(~(far | far.T), 1)))
    alike = [(likeness, a, b) for a, b in pairs if (likeness := _likeness(groups[a], groups[b], figures))]
    for _, a, b in sorted(alike, reverse=True):
        if groups[a] and groups[b] and _likeness(groups[a], groups[b], figures):
            groups[b], groups[a] = groups[b] + groups[a], []
    return [group for group in groups if group]


def _by_toll(groups: Sequence[list[int]], figures: _Figures) -> list[list[int]]:
    joined: dict[object, list[int]] = {}
    for number, group in enumerate(groups):
        tolls = Counter(toll for i in group if (toll := figures.tolls[i]) is not None)
        key = tolls.most_common(1)[0][0] if tolls else number
        joined.setdefault(key, []).extend(group)
    return list(joined.values())


def _likeness(first: Sequence[int], second: Sequence[int], figures: _Figures) -> float:
    """Return how like what two groups of figures count is, 0 when they cannot be one thing's.

    Whoever prints both values means two things, or says himself that they are in dispute.
    """
    a, b = figures.figures[first[0]], figures.figures[second[0]]
    least, greatest = sorted((a.value, b.value))
    if greatest > MOST_APART_COUNTED * least or not can_be_compared(a, b):
        return 0.0
    here, there = {figures.sources[i] for i in first}, {figures.sources[i] for i in second}
    if len(here & there) > 0.5 * min(len(here), len(there)):
        return 0.0
    is_counted = any(figures.counted[i] & figures.counted[j] for i in first for j in second)
    most = MOST_APART_COUNTED if is_counted else MOST_APART_PERCENT if a.unit == "percent" else MOST_APART
    if greatest > most * least:
        return 0.0
    margin = float(figures.margins[np.ix_(first, second)].max())
    return margin if margin >= LEAST_MARGIN else 0.0


def rarity(figure: Figure) -> float:
    """Return how much an equal value tells: nothing of "two", 1 of "41", more with each digit."""
    digits = len(figure.value.normalize().as_tuple().digits)
    return (
        float(digits) if digits > 1 and (figure.value > 12 or figure.value % 1) else float(figure.value > 9)
    )


def can_be_compared(a: Figure, b: Figure) -> bool:
    """Whether two figures can count the same: of one unit, or large sums of which one leaves out the currency."""
    first, second = _unit_kind(a), _unit_kind(b)
    if first == second:
        codes = {f.unit for f in (a, b) if len(f.unit) == 3 and f.unit.isupper()}
        return len(codes) < 2
    bare = {first, second}
    if bare == {"", "money"}:
        return min(a.value, b.value) >= 100_000
    return bare == {"", "percent"} and a.value == b.value and a.value % 1 != 0


def _unit_kind(figure: Figure) -> str:
    if figure.unit in _MONEY:
        return "money"
    return "" if _HANGUL.match(figure.unit) else figure.unit
