"""How a claim is meant, where it touches a sentence: what turns a meaning round without changing what is spoken of.

Each sign ("not", "may", "said", "because") has its partner among the same words of the other, or something is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from tidings.ai.lexicon import MarkKind
from tidings.ai.named import Anchor
from tidings.ai.passages import Passage, reported_in, speech_of
from tidings.ai.units import Laid
from tidings.ai.words import Mark, Sentence
from tidings.model import DropReason

Fault = tuple[DropReason, str]
_SURE: dict[str, int] = {"hedge": 1, "planned": 2, "future": 3}


def faults_of(laid: Laid, passage: Passage, anchors: Sequence[Anchor]) -> Fault | None:
    """Return the first way in which a claim is meant otherwise than the sentence; anchors: the claim's names."""
    return _negation(laid) or _certainty(laid) or _attribution(laid, passage, anchors) or _cause(laid)


def _touched(laid: Laid, mark: Mark) -> bool:
    """Whether the claim has what a mark of the sentence is about: the next unit in its clause, else the one before."""
    sentence = laid.sentence
    used = set(laid.at.values())
    for i, unit in enumerate(laid.theirs):
        if unit.first > mark.last:
            if any(set(",;:.") & set(sentence.gap(n)) for n in range(mark.last + 1, unit.first + 1)):
                break
            return i in used
    before = [i for i, unit in enumerate(laid.theirs) if unit.last < mark.first]
    if not before or any(
        set(",;:.") & set(sentence.gap(n)) for n in range(laid.theirs[before[-1]].last + 1, mark.first + 1)
    ):
        return False
    return before[-1] in used


def _unmatched(laid: Laid, kinds: Sequence[MarkKind]) -> tuple[list[Mark], list[Mark]]:
    """Return the marks that only the claim has, and those that only the sentence has of what the claim says."""
    left = [(mark, laid.around_theirs(mark)) for mark in laid.sentence.of(*kinds)]
    ours: list[Mark] = []
    for mark in laid.claim.of(*kinds):
        before, behind = laid.around(mark)
        fits = [
            (other, around)
            for other, around in left
            if _not_surer(mark, other) and _same_place(around, (before, behind))
        ]
        best = max(
            fits, key=lambda one: (one[0].words == mark.words, one[1] == (before, behind)), default=None
        )
        if best is None:
            ours.append(mark)
        else:
            left.remove(best)
    return ours, [mark for mark, _ in left if _touched(laid, mark)]


def _same_place(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two marks stand beside the same unit, before or behind."""
    return a == b or (b[1] >= 0 and a[1] == b[1]) or (b[0] >= 0 and a[0] == b[0])


def _not_surer(ours: Mark, theirs: Mark) -> bool:
    return _SURE.get(ours.kind, 0) <= _SURE.get(theirs.kind, 0)


def _negation(laid: Laid) -> Fault | None:
    ours, theirs = _unmatched(laid, ("negation",))
    return ("negation", (ours or theirs)[0].words) if ours or theirs else None


def _certainty(laid: Laid) -> Fault | None:
    ours, theirs = _unmatched(laid, ("hedge", "planned", "future"))
    if ours or theirs:
        return "certainty", (ours or theirs)[0].words
    return _done(laid)


def _done(laid: Laid) -> Fault | None:
    """Find what is still to do made a thing done: "allows the city to spend" told as "spent"."""
    theirs, ours = laid.sentence.words, laid.claim.words
    for i, j in laid.at.items():
        a, b = laid.ours[i].first, laid.theirs[j].first
        to = laid.sentence.lexicon.infinitive
        if (
            laid.ours[i].kind != "word"
            or not b
            or theirs[b - 1].low not in to
            or (a and ours[a - 1].low in to)
        ):
            continue
        if ours[a].low != theirs[b].low and not ours[a].low.endswith("ing"):
            return "certainty", ours[a].low
    return None


def _attribution(laid: Laid, passage: Passage, anchors: Sequence[Anchor]) -> Fault | None:
    """Find speech that became fact, and speech put into another mouth."""
    nested = [m.words for m in speech_of(passage.sentence) if m.first in passage.reported]
    ours: list[Mark] = []
    for mark in reversed(speech_of(laid.claim)):
        if mark.words in nested:  # "the 38 million that has been reported", in what somebody says
            nested.remove(mark.words)
        else:
            ours.insert(0, mark)
    if not ours:
        used = [laid.theirs[i].first for i in laid.at.values()]
        inside = sum(i in passage.reported for i in used)
        if passage.has_speech and inside * 2 > len(used):
            return "attribution", next((m.words for m in speech_of(passage.sentence)), "“”")
        return None
    if not passage.has_speech:
        return "attribution", ours[0].words
    speaker = _speaker(laid.claim, ours[0], anchors)
    if speaker and passage.speakers and not speaker.keys & passage.speakers:
        return "speaker", speaker.words
    return None


def _speaker(claim: Sentence, mark: Mark, anchors: Sequence[Anchor]) -> Anchor | None:
    """Return the name that a claim's verb of saying belongs to: the nearest before it, else close behind it."""
    reported = reported_in(claim)
    outside = [a for a in anchors if a.first not in reported]
    if mark.kind == "says":
        before = [a for a in outside if a.last < mark.first]
        if before:
            return before[-1]
    return next((a for a in outside if mark.last < a.first <= mark.last + 4), None)


def _cause(laid: Laid) -> Fault | None:
    """Find a cause that the sentence does not give, or gives the other way round."""
    kinds: tuple[MarkKind, MarkKind] = ("cause_behind", "cause_before")
    theirs = laid.sentence.of(*kinds)
    for mark in laid.claim.of(*kinds):
        before, behind = laid.around(mark)
        same = [laid.around_theirs(m) for m in theirs if m.words == mark.words]
        if any((before >= 0 and before == b) or (behind >= 0 and behind == e) for b, e in same):
            continue
        effect, cause = _sides(laid.claim, mark)
        ends = [
            {
                laid.theirs[laid.at[i]].first
                for i, u in enumerate(laid.ours)
                if u.first in side and i in laid.at
            }
            for side in (effect, cause)
        ]
        if not any(_links(laid.sentence, m, *ends) for m in theirs):
            return "cause", mark.words
    loose = [m for m in laid.sentence.of("behind") if m.words in _LOOSE]
    for mark in laid.claim.of("behind"):
        if mark.words in _LOOSE and not theirs and not loose and not _counts(laid.claim, mark):
            return "cause", mark.words
    return None


_LOOSE = frozenset(("after", "following", "amid", "over", "nach", "nachdem"))


def _counts(sentence: Sentence, mark: Mark) -> bool:
    """Whether a number stands behind a mark: "over 450"."""
    following = sentence.words[mark.last + 1 : mark.last + 2]
    return bool(following) and following[0].key.startswith("#")


def _sides(sentence: Sentence, mark: Mark) -> tuple[set[int], set[int]]:
    """Return the words on the side of the effect and on that of the cause."""
    count = len(sentence.words)
    before, behind = set(range(mark.first)), set(range(mark.last + 1, count))
    if mark.kind == "cause_before":
        return behind, before
    if mark.first <= 1:  # "Because of the fire, the port closed"
        stop = next((i for i in range(mark.last + 1, count) if "," in sentence.gap(i)), count)
        return before | set(range(stop, count)), set(range(mark.last + 1, stop))
    return before, behind


def _links(sentence: Sentence, mark: Mark, effect: set[int], cause: set[int]) -> bool:
    their_effect, their_cause = _sides(sentence, mark)
    return (
        bool(effect & their_effect)
        and bool(cause & their_cause)
        and len(effect & their_effect) > len(effect & their_cause)
        and len(cause & their_cause) > len(cause & their_effect)
    )
