"""Whether one sentence carries another: the same names, numbers and days, its words, and meant the same way.

Nothing here understands a text.  Each word of the claim is looked for in the cited sentence (see units.py); then what would
turn the meaning round is compared where the two touch: negation, doubt, whose words they are, causes (see sense.py), and
who did what to whom (see order.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from tidings.ai.named import Anchor, Known, anchors_in, sounds_in, stands_in, unknown_in
from tidings.ai.order import displaced
from tidings.ai.passages import Passage, speech_of
from tidings.ai.sense import Fault, faults_of
from tidings.ai.units import Laid, Likeness, lay, units_of
from tidings.ai.words import Number, Sentence
from tidings.model import Check
from tidings.stories.calendars import calendar_words
from tidings.stories.rarity import primary

LEAST_ALIKE_ACROSS = 0.6  # cosine of claim and sentence of two languages, whose words cannot be compared
ROUNDED = Decimal("0.05")
LEAST_UNITS = 2  # less than that says nothing that could be checked
_RATES = frozenset(("percent", "percentage point", "basis point"))


def carried(
    claim: Sentence,
    passage: Passage,
    known: Known,
    *,
    alike: float | None = None,
    likeness: Likeness | None = None,
) -> Check:
    """Return whether a sentence carries a claim, and if not the first reason.

    alike: the cosine of the two, needed between languages; likeness: that of two words.
    """
    across = primary(claim.language) != primary(passage.sentence.language)
    anchors = anchors_in(claim, known)
    pairs, nameless = _names_met(claim, anchors, passage, known)
    keys = {ours: f"@{min(theirs.keys)}" for ours, theirs in pairs if theirs.keys}
    values = {other.value for other in passage.sentence.numbers}
    counted = {
        n.place: f"#{other.value.normalize():f}"
        for n in claim.numbers
        for other in passage.sentence.numbers
        if n.value not in values and _same_number(n, other)
    }
    their_keys = {theirs: keys[ours] for ours, theirs in pairs if ours in keys}
    named = tuple(
        sorted({*passage.anchors, *their_keys})
    )  # "the minister" is a name where the claim has it as one
    laid = lay(
        claim, passage.sentence, units_of(claim, anchors, keys, counted),
        units_of(passage.sentence, named, {a: their_keys.get(a) or f"@{min(a.keys)}" for a in named if a.keys}),
        likeness,
    )  # fmt: skip
    support = round(alike or 0.0, 3) if across else round(laid.coverage, 3)
    found: list[Fault] = []
    if nameless:
        found.append(("name", nameless))
    elif wrong := _number_missing(claim.numbers, passage.sentence.numbers):
        found.append(("number", wrong))
    elif wrong := _time_missing(claim, passage.sentence):
        found.append(("date", wrong))
    elif across:
        found += _across(claim, passage, alike)
    elif len(laid.ours) < LEAST_UNITS or laid.coverage < 0.5:
        found.append(("unsupported", claim.text[:80]))
    else:
        wrong_sense = faults_of(laid, passage, anchors)
        found += [wrong_sense] if wrong_sense else _words_at_fault(laid)
    return Check(found[0][0], found[0][1], min(support, 0.99)) if found else Check(None, "", support)


def _words_at_fault(laid: Laid) -> list[Fault]:
    fault = _missing(laid) or _subjectless(laid) or displaced(laid)
    return [fault] if fault else []


def _across(claim: Sentence, passage: Passage, alike: float | None) -> list[Fault]:
    """Compare two sentences of different languages: the signs that each has, and how near they lie."""
    for kinds, reason in ((("negation",), "negation"), (("hedge",), "certainty")):
        ours = [m for m in claim.marks if m.kind in kinds]
        theirs = [m for m in passage.sentence.marks if m.kind in kinds]
        if bool(ours) != bool(theirs):
            return [(reason, (ours or theirs)[0].words)]  # type: ignore[list-item]
    if speech_of(passage.sentence) and not speech_of(claim):
        return [("attribution", speech_of(passage.sentence)[0].words)]
    if claim.of("cause_behind", "cause_before") and not passage.sentence.of("cause_behind", "cause_before"):
        return [("cause", claim.of("cause_behind", "cause_before")[0].words)]
    if alike is None or alike < LEAST_ALIKE_ACROSS:
        return [("unsupported", claim.text[:80])]
    return []


# ── names, numbers, days ─────────────────────────────────────────────────────────────────────────────────────────────


def _names_met(
    claim: Sentence, anchors: Sequence[Anchor], passage: Passage, known: Known
) -> tuple[list[tuple[Anchor, Anchor]], str]:
    """Return each name of the claim with one it met in the sentence, and the first that met none ("" when all did)."""
    pairs: list[tuple[Anchor, Anchor]] = []
    for anchor in anchors:
        theirs = [a for a in passage.anchors if a.keys & anchor.keys] or [
            a for a in passage.meant if a.keys & anchor.keys
        ]
        pairs += [(anchor, a) for a in theirs]
        if not theirs and stands_in(claim.words[anchor.first : anchor.last + 1], passage.sentence) is None:
            return pairs, anchor.words
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
    """Whether a number is the source's: as exact as it, or rounder where it says so ("about 460" of 457, "over 450")."""
    if ours.unit != theirs.unit and ((ours.unit and theirs.unit) or _RATES & {ours.unit, theirs.unit}):
        return False
    if ours.high is not None and ours.high != theirs.high:
        return False
    if ours.bound == theirs.bound:
        return ours.value == theirs.value or (ours.high is None and ours.value == theirs.high)
    if theirs.bound != "exact" or theirs.high is not None:
        return False
    off = ours.value - theirs.value
    if ours.bound == "exact" or abs(off) > abs(theirs.value) * ROUNDED:
        return False
    return ours.bound == "about" or (off <= 0 if ours.bound == "at least" else off >= 0)


def _time_missing(claim: Sentence, sentence: Sentence) -> str:
    """Return the first day that the sentence does not name; a claim may be rougher ("in March"), never finer."""
    for time in claim.times:
        if not any(
            time.first <= other.first and other.last <= time.last for other in sentence.times
        ) and not _stands(time.words, sentence):
            return time.words
    days = calendar_words(claim.language) - {word.low for word in sentence.words}
    for word in claim.words:  # "a January poll": no time by itself
        inside = any(t.start <= word.start < t.end for t in claim.times)
        if word.capital and word.low in days and not inside:
            return word.low
    return ""


def _stands(words: str, sentence: Sentence) -> bool:
    """Whether a time is written the same way in the sentence, or is a number there: 1900 of "1,900"."""
    return words in sentence.text or any(word.key == f"#{words}" for word in sentence.words)


# ── what is said, and of whom ────────────────────────────────────────────────────────────────────────────────────────


def _missing(laid: Laid) -> Fault | None:
    return (
        ("unsupported", ", ".join(laid.words_of(laid.ours[i]) for i in laid.missing))
        if laid.missing
        else None
    )


def _subjectless(laid: Laid) -> Fault | None:
    """Find a pronoun that opens the claim and does not stand in the sentence: somebody else took the subject's place."""
    first = laid.claim.words[0].low
    if first in laid.claim.lexicon.pronouns and all(word.low != first for word in laid.sentence.words):
        return "unsupported", first
    return None


def most_like(checks: Iterable[Check]) -> Check:
    """Return the check that passes with most support, else the failed one with most."""
    return max(checks, key=lambda check: (check.passes, check.support))
