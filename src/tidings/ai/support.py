"""Whether one sentence carries another: the same names, numbers and days, its words, and meant the same way.

Nothing here understands a text.  Each word of the claim is looked for in the cited sentence (as a stem, a name, a number, a
synonym of a short list); then what would turn the meaning round is compared where the two touch: negation, doubt, whose
words they are, causes, and who stands before and behind the verb.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tidings.ai.named import Anchor, Known, anchors_in, sounds_in, stands_in, unknown_in
from tidings.ai.passages import Passage, speech_of
from tidings.ai.words import Mark, Number, Sentence
from tidings.model import Check, DropReason, TimeExpression
from tidings.stories.lexicon import table_of, words_of
from tidings.stories.rarity import primary
from tidings.text import fold

LEAST_SUPPORT = 0.85  # of the claim's content words found in one cited sentence; see docs/design/evidence.md
LEAST_ALIKE = 0.55  # cosine of claim and sentence where a word was not found
LEAST_ALIKE_ACROSS = 0.6  # the same between languages, where words cannot be compared
SCOPE = 3  # content words behind "not" or "may" that it can be about
ROUNDED = Decimal("0.05")
_PLAIN_UNITS = frozenset(("percent", "percentage point", "basis point"))


@dataclass(frozen=True)
class Met:
    """A claim laid beside a sentence: where each of its words was found, by their places; `missing` was not."""

    claim: Sentence
    passage: Passage
    at: dict[int, int]
    missing: tuple[int, ...]
    content: int
    anchors: tuple[tuple[Anchor, Anchor], ...]

    @property
    def coverage(self) -> float:
        return 1.0 - len(self.missing) / self.content if self.content else 1.0


def carried(claim: Sentence, passage: Passage, known: Known, *, alike: float | None) -> Check:
    """Return whether a sentence carries a claim, and if not the first reason; alike: the cosine of the two, if it is known."""
    across = primary(claim.language) != primary(passage.sentence.language)
    anchors = anchors_in(claim, known)
    pairs, nameless = _names_met(claim, anchors, passage, known)
    met = _met(claim, passage, pairs)
    support = met.coverage if not across else (alike or 0.0)

    def fault(reason: DropReason, detail: str) -> Check:
        return Check(reason, detail, round(min(support, 0.99), 3))

    if nameless:
        return fault("name", nameless)
    if wrong := _number_missing(claim.numbers, passage.sentence.numbers):
        return fault("number", wrong)
    if wrong := _time_missing(claim.times, passage.sentence.times):
        return fault("date", wrong)
    if across:
        for kind, reason in (("negation", "negation"), ("hedge", "certainty")):
            ours, theirs = claim.of(kind), passage.sentence.of(kind)  # type: ignore[arg-type]
            if bool(ours) != bool(theirs):
                return fault(reason, (ours or theirs)[0].words)  # type: ignore[arg-type]
        if speech_of(passage.sentence) and not speech_of(claim):
            return fault("attribution", speech_of(passage.sentence)[0].words)
        if alike is None or alike < LEAST_ALIKE_ACROSS:
            return fault("unsupported", claim.text[:80])
        return Check(None, "", round(support, 3))
    if opposite := _opposite(met):
        return fault("unsupported", opposite)
    few = met.content < 2 or met.coverage < 0.5
    if not few:
        for check in (_negation(met), _certainty(met), _attribution(met, known), _cause(met), _order(met)):
            if check:
                return fault(*check)
    if met.coverage < LEAST_SUPPORT or (met.missing and alike is not None and alike < LEAST_ALIKE):
        return fault("unsupported", ", ".join(claim.text[claim.words[i].start : claim.words[i].end] for i in met.missing))
    return Check(None, "", round(support, 3))


Fault = tuple[DropReason, str]


# ── names, numbers, days ─────────────────────────────────────────────────────────────────────────────────────────────


def _names_met(
    claim: Sentence, anchors: Sequence[Anchor], passage: Passage, known: Known
) -> tuple[list[tuple[Anchor, Anchor]], str]:
    """Return each name of the claim with the one it met in the sentence, and the first that met none ("" when all did)."""
    pairs: list[tuple[Anchor, Anchor]] = []
    for anchor in anchors:
        theirs = [a for a in (*passage.anchors, *passage.meant) if a.keys & anchor.keys]
        if theirs:
            pairs += [(anchor, a) for a in theirs]
            continue
        at = stands_in(claim.words[anchor.first : anchor.last + 1], passage.sentence)
        if at is None:
            return pairs, anchor.words
        pairs.append((anchor, Anchor(at, at + anchor.last - anchor.first, anchor.keys, anchor.words)))
    here = frozenset(key for a in (*passage.anchors, *passage.meant) for key in a.keys)
    for run in unknown_in(claim, anchors):
        missing = _not_standing(claim, run, passage)
        if missing and not sounds_in(missing, known.names, here):
            return pairs, missing
    return pairs, ""


def _not_standing(claim: Sentence, run: Anchor, passage: Passage) -> str:
    """Return what of a run of capitalised words does not stand in the sentence, whole or, but for names, word by word."""
    words = claim.words[run.first : run.last + 1]
    if stands_in(words, passage.sentence) is not None:
        return ""
    keys = {word.key for word in passage.sentence.words}
    lower = {word.key for word in passage.sentence.words if not word.capital}
    absent = [w for w in words if w.key not in keys]
    if absent:
        return claim.text[absent[0].start : absent[-1].end]
    return "" if sum(w.key not in lower for w in words) <= 1 else run.words


def _number_missing(ours: Sequence[Number], theirs: Sequence[Number]) -> str:
    for number in ours:
        if not any(_same_number(number, other) for other in theirs):
            return number.words
    return ""


def _same_number(ours: Number, theirs: Number) -> bool:
    if ours.unit != theirs.unit and (
        (ours.unit and theirs.unit) or (ours.unit or theirs.unit) in _PLAIN_UNITS
    ):
        return False
    if ours.high != theirs.high and ours.high is not None:
        return False
    exact = ours.value == theirs.value or (ours.high is None and ours.value == theirs.high and theirs.bound != "about")
    if ours.bound == theirs.bound:
        return exact
    if theirs.bound == "exact" and theirs.high is None:
        if ours.bound == "about":
            return abs(ours.value - theirs.value) <= abs(theirs.value) * ROUNDED
        near = abs(ours.value - theirs.value) <= abs(theirs.value) * 2 * ROUNDED
        return near and (theirs.value >= ours.value if ours.bound == "at least" else theirs.value <= ours.value)
    return False


def _time_missing(ours: Sequence[TimeExpression], theirs: Sequence[TimeExpression]) -> str:
    """Return the first day that the sentence does not name; a claim may be rougher ("in March"), never finer."""
    for time in ours:
        if not any(
            (time.first <= other.first and other.last <= time.last) or fold(time.words) == fold(other.words)
            for other in theirs
        ):
            return time.words
    return ""


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _met(claim: Sentence, passage: Passage, pairs: Sequence[tuple[Anchor, Anchor]]) -> Met:
    """Lay the claim's words beside the sentence's, each at the place that goes on from the one before where there are several."""
    theirs: dict[str, list[int]] = {}
    for i, word in enumerate(passage.sentence.words):
        theirs.setdefault(word.key, []).append(i)
    named = {i: (ours, met.first) for ours, met in pairs for i in range(ours.first, ours.last + 1)}
    at: dict[int, int] = {}
    missing: list[int] = []
    content = 0
    last = -1
    for i, word in enumerate(claim.words):
        if i in named:
            ours, place = named[i]
            if i == ours.first:
                places = [met.first for a, met in pairs if a == ours]
                last = at[i] = min(places, key=lambda p: _jump(p, last))
            continue
        if not word.content:
            continue
        content += 1
        places = theirs.get(word.key) or _akin(word.key, passage.sentence, theirs)
        if places:
            last = at[i] = min(places, key=lambda p: _jump(p, last))
        elif not word.key.startswith("#"):
            missing.append(i)
    return Met(claim, passage, at, tuple(missing), content, tuple(pairs))


def _jump(place: int, last: int) -> int:
    return place - last if place > last else 2 * (last - place) + 1


def _akin(key: str, sentence: Sentence, theirs: dict[str, list[int]]) -> list[int]:
    """Return the places of words of one family with a stem: synonyms, else derived from one another."""
    families = sentence.lexicon.families.get(key, frozenset())
    found = [
        i
        for other, places in theirs.items()
        if (families & sentence.lexicon.families.get(other, frozenset())) or _derived(key, other)
        for i in places
        if sentence.words[i].content or families
    ]
    return sorted(found)


def _derived(a: str, b: str) -> bool:
    """Whether two stems begin alike far enough: "investig" and "investigat"."""
    if len(a) < 5 or len(b) < 5 or not a.isalpha():
        return False
    short = min(len(a), len(b))
    need = max(5, (3 * max(len(a), len(b)) + 3) // 4)
    return short >= need and a[:need] == b[:need]


def _opposite(met: Met) -> str:
    """Return a word of the claim whose opposite stands in the sentence instead."""
    opposites = met.claim.lexicon.opposites
    if not opposites:
        return ""
    theirs = {side for word in met.passage.sentence.words for side in opposites.get(word.key, ())}
    for i in met.missing:
        key = met.claim.words[i].key
        if any(side ^ 1 in theirs for side in opposites.get(key, ())):
            return met.claim.text[met.claim.words[i].start : met.claim.words[i].end]
    return ""


# ── how it is meant ──────────────────────────────────────────────────────────────────────────────────────────────────


def _scope(sentence: Sentence, mark: Mark, most: int = SCOPE) -> list[int]:
    """Return the content words that a mark is about: those behind it in its clause, else those before."""
    found = []
    for i in range(mark.last + 1, len(sentence.words)):
        if set(",;:.") & set(sentence.gap(i)) or len(found) == most:
            break
        if sentence.words[i].content:
            found.append(i)
    if found:
        return found
    return [i for i in range(mark.first) if sentence.words[i].content][-2:]


def _turned(met: Met, kinds: Sequence[str]) -> str:
    """Return the mark of these kinds that one of the two has where they touch and the other has not, "" for none."""
    ours = [m for m in met.claim.marks if m.kind in kinds]
    theirs = [m for m in met.passage.sentence.marks if m.kind in kinds]
    used = set(met.at.values())
    for mark in theirs:
        scope = _scope(met.passage.sentence, mark)
        if scope and scope[0] in used and not any(_meets(met, m, scope) for m in ours):
            return mark.words
    for mark in ours:
        mine = {met.at[i] for i in _scope(met.claim, mark) if i in met.at}
        if not any(mine & set(_scope(met.passage.sentence, m, SCOPE + 2)) or _same_mark(met, mark, m) for m in theirs):
            return mark.words
    return ""


def _meets(met: Met, mark: Mark, scope: Sequence[int]) -> bool:
    return bool({met.at.get(i, -1) for i in _scope(met.claim, mark, SCOPE + 2)} & set(scope))


def _same_mark(met: Met, ours: Mark, theirs: Mark) -> bool:
    """Whether two marks are one word that stands before nothing else: "No." and "No."."""
    return not _scope(met.claim, ours) and ours.words == theirs.words


def _negation(met: Met) -> Fault | None:
    wrong = _turned(met, ("negation",))
    return ("negation", wrong) if wrong else None


def _certainty(met: Met) -> Fault | None:
    wrong = _turned(met, ("hedge", "future"))
    return ("certainty", wrong) if wrong else None


def _attribution(met: Met, known: Known) -> Fault | None:
    """Find speech that became fact, and speech put into another mouth."""
    passage = met.passage
    ours = speech_of(met.claim)
    if not ours:
        used = list(met.at.values())
        inside = sum(i in passage.reported for i in used)
        if used and inside * 2 > len(used) and passage.has_speech:
            return "attribution", (speech_of(passage.sentence) or [Mark("says", 0, 0, "“”")])[0].words
        return None
    if not passage.has_speech:
        return "attribution", ours[0].words
    speaker = _speaker(met, ours[0])
    if speaker and passage.speakers and not speaker.keys & passage.speakers:
        return "speaker", speaker.words
    return None


def _speaker(met: Met, mark: Mark) -> Anchor | None:
    """Return the name that a claim's verb of saying belongs to: the nearest before it in its clause, else behind it."""
    anchors = sorted({ours for ours, _ in met.anchors})
    if mark.kind == "says":
        before = [a for a in anchors if a.last < mark.first]
        if before:
            return before[-1]
    behind = [a for a in anchors if a.first > mark.last and a.first - mark.last <= SCOPE]
    return behind[0] if behind else None


def _cause(met: Met) -> Fault | None:
    """Find a cause that the sentence does not give, or gives the other way round."""
    ours = met.claim.of("cause_behind", "cause_before")
    theirs = met.passage.sentence.of("cause_behind", "cause_before")
    for mark in ours:
        effect, cause = _sides(met.claim, mark)
        effect, cause = {met.at[i] for i in effect if i in met.at}, {met.at[i] for i in cause if i in met.at}
        if not any(_links(met.passage.sentence, m, effect, cause) for m in theirs):
            return "cause", mark.words
    for mark in met.claim.of("behind"):
        if mark.words in _LOOSE and not (
            theirs or any(m.words in _LOOSE for m in met.passage.sentence.of("behind"))
        ):
            follows = mark.last + 1
            if follows < len(met.claim.words) and not met.claim.words[follows].key.startswith("#"):
                return "cause", mark.words
    return None


_LOOSE = frozenset(("after", "following", "amid", "over", "nach", "nachdem"))


def _sides(sentence: Sentence, mark: Mark) -> tuple[set[int], set[int]]:
    """Return the words on the side of the effect and on that of the cause."""
    before, behind = set(range(mark.first)), set(range(mark.last + 1, len(sentence.words)))
    return (before, behind) if mark.kind == "cause_behind" else (behind, before)


def _links(sentence: Sentence, mark: Mark, effect: set[int], cause: set[int]) -> bool:
    theirs_effect, theirs_cause = _sides(sentence, mark)
    if mark.kind == "cause_behind" and mark.first == 0:  # "Because of the fire, the port closed"
        stop = next((i for i in range(1, len(sentence.words)) if "," in sentence.gap(i)), len(sentence.words))
        theirs_effect, theirs_cause = set(range(stop, len(sentence.words))), set(range(mark.last + 1, stop))
    return (
        bool(effect & theirs_effect)
        and bool(cause & theirs_cause)
        and len(effect & theirs_effect) >= len(effect & theirs_cause)
        and len(cause & theirs_cause) >= len(cause & theirs_effect)
    )


# ── who does what to whom ────────────────────────────────────────────────────────────────────────────────────────────


def _order(met: Met) -> Fault | None:
    """Find names or numbers that changed places round the same words."""
    passive = _is_passive(met.claim) != _is_passive(met.passage.sentence)
    ours = [a.first for a in sorted({ours for ours, _ in met.anchors}) if a.first in met.at]
    numbers = [i for i in met.at if met.claim.words[i].key.startswith("#")]
    for kind, places in (("unsupported", ours), ("number", numbers)):
        for i, a in enumerate(places):
            for b in places[i + 1 :]:
                if met.at[a] > met.at[b] and _between(met, a, b) and not (passive and kind == "unsupported"):
                    return kind, met.claim.text[met.claim.words[a].start : met.claim.words[b].end]  # type: ignore[return-value]
    for i in numbers:
        if _belongs_elsewhere(met, i):
            return "number", met.claim.text[met.claim.words[i].start : met.claim.words[i].end]
    if not passive:
        for i in ours:
            if _acts_otherwise(met, i):
                return "unsupported", met.claim.text[met.claim.words[i].start : met.claim.words[i].end]
    return None


def _is_passive(sentence: Sentence) -> bool:
    return any(word.low in sentence.lexicon.passive for word in sentence.words)


def _between(met: Met, a: int, b: int) -> bool:
    """Whether the words between two places of the claim stand between them in the sentence too, where the two are turned."""
    inner = [met.at[i] for i in met.at if a < i < b]
    return bool(inner) and 2 * sum(met.at[b] < place < met.at[a] for place in inner) > len(inner)


def _next_content(met: Met, i: int) -> int | None:
    words = met.claim.words
    for k in range(i + 1, min(len(words), i + 6)):
        if set(",;:.") & set(met.claim.gap(k)):
            return None
        if k in met.at and words[k].content and not words[k].key.startswith("#"):
            return k
    return None


def _belongs_elsewhere(met: Met, i: int) -> bool:
    """Whether in the sentence another number stands nearer to the word behind this one."""
    k = _next_content(met, i)
    if k is None or k - i > SCOPE:
        return False
    ours, word = met.at[i], met.at[k]
    others = [
        n
        for n, w in enumerate(met.passage.sentence.words)
        if w.key.startswith("#") and n != ours and w.key != met.claim.words[i].key
    ]
    return any(n < word and word - n <= SCOPE and abs(word - ours) > abs(word - n) for n in others)


def _acts_otherwise(met: Met, i: int) -> bool:
    """Whether a name that stands before a word in the claim stands behind it in the sentence, and another name before it."""
    k = _next_content(met, i)
    if k is None:
        return False
    ours, word = met.at[i], met.at[k]
    theirs = [a for a in met.passage.anchors if a.first != ours]
    if ours > word:
        return any(a.last < word and word - a.last <= ours - word for a in theirs)
    of = words_of(table_of(met.claim.language, "speech") or {}, "of", "and")
    sentence = met.passage.sentence
    return any(
        ours < a.first < word
        and not any("," in sentence.gap(n) or "(" in sentence.gap(n) for n in range(ours + 1, word + 1))
        and sentence.words[a.first - 1].low not in of
        and not _stood_between(met, i, k, a)
        for a in theirs
    )


def _stood_between(met: Met, i: int, k: int, anchor: Anchor) -> bool:
    return any(i < place < k and met.at[place] == anchor.first for place in met.at)


def most_like(checks: Iterable[Check]) -> Check:
    """Return the check that passes with most support, else the failed one with most."""
    return max(checks, key=lambda check: (check.passes, check.support))
