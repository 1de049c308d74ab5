"""A claim laid beside a sentence: what of it was found there, and where.

Both are cut into units: a name under its key, a number by its value, any other word that carries something by its stem.
Runs of units that are alike are matched first, the longest first, then what is left; so a sentence with something left
out, put in or moved is seen as what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Literal, NamedTuple

from tidings.ai.named import Anchor
from tidings.ai.words import Mark, Sentence

LEAST_ALIKE_WORDS = 0.65  # cosine of a word and the one that stands in its place, see docs/design/evidence.md
MOST_UNITS = 120
MOST_IN_PLACE = 8  # words that one may stand for
Likeness = Callable[[str, str], float]


class Unit(NamedTuple):
    """Something a sentence names, counts or says, from the word `first` to `last`."""

    key: str
    first: int
    last: int
    kind: Literal["name", "number", "word"]


@dataclass(frozen=True)
class Laid:
    """`at` has for each unit of the claim the unit of the sentence that it met; `missing` met none."""

    claim: Sentence
    sentence: Sentence
    ours: tuple[Unit, ...]
    theirs: tuple[Unit, ...]
    at: dict[int, int]
    missing: tuple[int, ...]

    @property
    def coverage(self) -> float:
        """The share of the claim's units that were found, 0 to 1."""
        return 1.0 - len(self.missing) / len(self.ours) if self.ours else 0.0

    def words_of(self, unit: Unit) -> str:
        words = self.claim.words
        return self.claim.text[words[unit.first].start : words[unit.last].end]

    def around(self, mark: Mark) -> tuple[int, int]:
        """Return the sentence's units that the claim's units before and behind a mark met, -1 for none."""
        before = [self.at[i] for i, u in enumerate(self.ours) if u.last < mark.first and i in self.at]
        behind = [self.at[i] for i, u in enumerate(self.ours) if u.first > mark.last and i in self.at]
        return (before[-1] if before else -1), (behind[0] if behind else -1)

    def around_theirs(self, mark: Mark) -> tuple[int, int]:
        """Return the units before and behind a mark of the sentence, of those that the claim has, -1 for none."""
        used = sorted(set(self.at.values()))
        before = [i for i in used if self.theirs[i].last < mark.first]
        behind = [i for i in used if self.theirs[i].first > mark.last]
        return (before[-1] if before else -1), (behind[0] if behind else -1)


def units_of(
    sentence: Sentence,
    anchors: Sequence[Anchor],
    keys: Mapping[Anchor, str],
    counted: Mapping[int, str] = MappingProxyType({}),
) -> tuple[Unit, ...]:
    """Return the units of a sentence in order.

    keys: under what a name goes; counted: under what a number goes, by its place, where not under its own value.
    """
    at = {anchor.first: anchor for anchor in anchors if anchor in keys}
    found: list[Unit] = []
    i = 0
    while i < len(sentence.words) and len(found) < MOST_UNITS:
        word = sentence.words[i]
        anchor = at.get(i)
        if anchor is not None:
            found.append(Unit(keys[anchor], i, anchor.last, "name"))
            i = anchor.last + 1
            continue
        if word.content:
            is_number = word.key.startswith("#")
            key = counted.get(word.start, word.key) if is_number else word.key
            found.append(Unit(key, i, i, "number" if is_number else "word"))
        i += 1
    return tuple(found)


def lay(
    claim: Sentence,
    sentence: Sentence,
    ours: Sequence[Unit],
    theirs: Sequence[Unit],
    likeness: Likeness | None,
) -> Laid:
    """Return a claim laid beside a sentence.

    likeness: the cosine of two words; with it a word may stand for the one in whose place it stands.
    """
    there = {unit.key for unit in theirs}
    mine = [u.key if u.key in there else _akin(u, theirs, sentence) or u.key for u in ours]
    their = [u.key for u in theirs]
    at: dict[int, int] = {}
    for block in SequenceMatcher(None, mine, their, autojunk=False).get_matching_blocks():
        at.update({block.a + n: block.b + n for n in range(block.size)})
    free = set(range(len(their))) - set(at.values())
    for i, key in enumerate(mine):
        if i not in at:
            places = [j for j in free if their[j] == key]
            if not places and ours[i].kind == "name":  # somebody may be named again
                places = [j for j in range(len(their)) if their[j] == key]
            if places:
                near = at.get(i - 1, -1)
                at[i] = min(places, key=lambda j: abs(j - near - 1))
                free.discard(at[i])
    met: set[int] = set()  # claim units that stand for a small word
    for i, unit in enumerate(ours):
        if i not in at and unit.kind == "word":
            j = _replaced(claim, sentence, ours, theirs, at, i, likeness)
            if j is not None:
                at.update({i: j} if j >= 0 else {})
                met.add(i)
    missing = tuple(i for i in range(len(ours)) if i not in at and i not in met)
    return Laid(claim, sentence, tuple(ours), tuple(theirs), at, missing)


def _replaced(
    claim: Sentence, sentence: Sentence, ours: Sequence[Unit], theirs: Sequence[Unit], at: dict[int, int], i: int,
    likeness: Likeness | None,
) -> int | None:  # fmt: skip
    """Return the unit that a word which was not found stands for, in its place and of much the same meaning.

    -1 where it stands for a word that is no unit ("frequently" for "often"), None for nothing.
    """
    before = next((at[k] for k in range(i - 1, -1, -1) if k in at), -1)
    behind = next((at[k] for k in range(i + 1, len(ours)) if k in at), len(theirs))
    first = theirs[before].last + 1 if before >= 0 else 0
    last = theirs[behind].first if behind < len(theirs) else len(sentence.words)
    units = {unit.first: j for j, unit in enumerate(theirs)}
    used = {theirs[j].first for j in at.values()}
    word, families = claim.words[ours[i].first], sentence.lexicon.families.get(ours[i].key, frozenset())
    for n in range(first, min(last, first + MOST_IN_PLACE)):
        other = sentence.words[n]
        if n in used or other.key.startswith("#") or _opposed(word.key, other.key, sentence):
            continue
        if n in units and theirs[units[n]].kind != "word":
            continue
        if not other.content and (len(other.low) < 4 or other.low in sentence.lexicon.pronouns):
            continue
        if families & sentence.lexicon.families.get(other.key, frozenset()) or (
            likeness is not None and likeness(word.low, other.low) >= LEAST_ALIKE_WORDS
        ):
            return units.get(n, -1)
    return None


def _opposed(a: str, b: str, sentence: Sentence) -> bool:
    """Whether two stems are listed as opposites; vectors have "sold" near "bought"."""
    sides = sentence.lexicon.opposites
    return any(side ^ 1 in sides.get(b, ()) for side in sides.get(a, ()))


def _akin(unit: Unit, theirs: Sequence[Unit], sentence: Sentence) -> str | None:
    """Return the key of a word of the same family: a synonym of the list, or one word derived from the other.

    What opens a sentence may be taken for a name because of its capital: "Coastguard vessels".
    """
    if unit.kind != "word":
        return None
    opening = sentence.words[0] if theirs and theirs[0].kind == "name" and theirs[0].last == 0 else None
    if opening is not None and opening.key == unit.key:
        return theirs[0].key
    families = sentence.lexicon.families.get(unit.key, frozenset())
    for other in theirs:
        if other.kind == "word" and (
            families & sentence.lexicon.families.get(other.key, frozenset()) or _derived(unit.key, other.key)
        ):
            return other.key
    return None


def _derived(a: str, b: str) -> bool:
    """Whether two stems begin alike far enough: "investig" and "investigat"."""
    need = max(5, (3 * max(len(a), len(b)) + 3) // 4)
    return a.isalpha() and min(len(a), len(b)) >= need and a[:need] == b[:need]
