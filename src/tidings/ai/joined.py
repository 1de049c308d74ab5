"""What a semicolon parts in the cited sentence, and a claim may not make one of: the subject of one, what is said of the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import NamedTuple

from tidings.ai.sense import Fault
from tidings.ai.units import Laid

LEAST_SAID = 2  # units of a clause: whom it is about, and what is said
CLAUSE = frozenset(",;:–—")  # marks that part clauses


def joined(laid: Laid, speaking: Collection[int], hanging: Collection[int]) -> Fault | None:
    """Find a clause of the claim that mixes what a semicolon parts in the sentence.

    speaking: the claim's units that say who speaks by one verb in both; hanging: those behind a preposition.
    """
    stops = list(accumulate(n > 0 and ";" in laid.sentence.gap(n) for n in range(len(laid.sentence.words))))
    if not stops or not stops[-1]:
        return None
    # Who speaks is of all parts ("said Vale"), or of one ("Vale called it fair").
    named = {i for i in speaking if laid.ours[i].kind == "name"}
    return _mixed(laid, stops, set(), hanging) and _mixed(laid, stops, named, hanging)


def _mixed(laid: Laid, stops: Sequence[int], excused: set[int], hanging: Collection[int]) -> Fault | None:
    """Find where the claim goes over to another part of the sentence in the midst of a clause.

    stops: for each word of the sentence its part.  Each part must set in like a clause, and two units of it be there, if it has
    as many.  Items of a list, which two semicolons or more make, need nothing between them, and names in it stand alone.
    """
    is_list = stops[-1] > 1
    runs = _runs(laid, stops, excused)
    for n, (part, shared, own) in enumerate(runs if len(runs) > 1 else ()):
        there = {u.key for u in laid.theirs if stops[u.first] == part}
        is_item = is_list and laid.ours[runs[max(n, 1)].own[0]].kind == "name"  # "The winners were" is none
        is_said = len(shared) + len(own) >= min(LEAST_SAID, len(there)) or is_item or ";" in laid.claim.text
        starts = [i for i in (*shared, own[0]) if laid.theirs[laid.at[i]].key in there]
        if not is_said or (n and not any(_opens(laid, i, part, stops, hanging) for i in starts)):
            return "unsupported", laid.words_of(laid.ours[own[0]])
    return None


class _Run(NamedTuple):
    """Units of the claim that follow one another: those of a part alone, and those before them that other parts have too."""

    part: int
    shared: list[int]
    own: list[int]


def _runs(laid: Laid, stops: Sequence[int], excused: set[int]) -> list[_Run]:
    """Return the claim's units by the part of the sentence they are of; numbers and what several parts have are shared."""
    parts: dict[str, set[int]] = {}
    for unit in laid.theirs:
        parts.setdefault(unit.key, set()).add(stops[unit.first])
    runs: list[_Run] = []
    shared: list[int] = []
    for i in sorted(laid.at.keys() - excused):
        there = parts[laid.theirs[laid.at[i]].key]
        if laid.ours[i].kind == "number" or len(there) > 1:
            shared.append(i)
            continue
        if runs and runs[-1].part in there:
            runs[-1].own.extend((*shared, i))
        else:
            if runs:
                runs[-1].own.extend(shared)
            runs.append(_Run(min(there), shared, [i]))
        shared = []
    return runs


def _opens(laid: Laid, i: int, part: int, stops: Sequence[int], hanging: Collection[int]) -> bool:
    """Whether a unit of the claim with which another part of the sentence sets in is parted from what is before, and a subject.

    That is what the part begins with, with its pronoun, or a name behind a comma: "the mayor, Ida Marsh".
    """
    claim, sentence = laid.claim, laid.sentence
    ours = max((u.last for u in laid.ours[:i] if u.kind != "number"), default=-1)
    between = range(ours + 1, laid.ours[i].first + 1)
    words, marks = {claim.words[n].low for n in between}, "".join(map(claim.gap, between))
    if ";" in marks:
        return True
    parted = bool(words & claim.lexicon.joints or CLAUSE & set(marks))
    key = laid.theirs[laid.at[i]].key
    theirs = [u for u in laid.theirs if stops[u.first] == part and (u.kind != "number" or u.key == key)]
    place = next(n for n, u in enumerate(theirs) if u.key == key)
    if place == 0:
        opening = {sentence.words[n].low for n in range(stops.index(part), theirs[0].first)}
        return (parted or stops[-1] > 1) and opening & sentence.lexicon.pronouns <= words
    behind = "".join(map(sentence.gap, range(theirs[place - 1].last + 1, theirs[place].first + 1)))
    is_named = laid.ours[i].kind == "name" and i not in hanging
    return parted and is_named and bool(CLAUSE & set(behind))
