"""Who did what to whom: what of a claim stands before and behind what, as in the sentence or otherwise.

Words may move for good reasons.  A phrase whose preposition came along plays the same part wherever it stands, an owner may
stand before or behind what he owns, who speaks before or behind the words, and a passive turns round who does and who suffers.
In German a verb stands second, whatever opens the sentence, and its subject before or behind it.
Nothing else may: two that changed places around a word changed their parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from tidings.ai.joined import CLAUSE, joined
from tidings.ai.passages import speech_of
from tidings.ai.sense import Fault
from tidings.ai.units import Laid, Unit
from tidings.ai.words import Sentence
from tidings.stories.mentions import grammar_of

MOST_MOVED = 1  # words, other than names and numbers, that stand among other words than in the sentence
NEAR = 8  # words between a verb of saying and who says it
NEAR_VERB = 4  # words between a verb and its auxiliary, or who does it
NEAR_FULL = 3  # units between a "by" and the verb that an auxiliary precedes
NEAR_OWNER = 3  # units between an owner and what he owns
_CLOSE = frozenset(',"“”')
_OWNS = ("'s", "’s")


def displaced(laid: Laid) -> Fault | None:
    """Find what plays another part in the claim than in the sentence.

    Two that changed places, what has other neighbours, the subject of one statement with what another says.
    """
    excused = _speaking(laid) | _owned(laid) | _marked(laid)
    ours, theirs = _agents(laid.claim, laid.ours), _agents(laid.sentence, laid.theirs)
    turned = any((i in ours) != (j in theirs) for i, j in laid.at.items())
    return (
        _wrong_agent(laid, ours, theirs)
        or (None if turned else _swapped(laid, excused) or _fronted(laid, excused))
        or _moved(laid, excused, turned=turned)
        or joined(laid, _speaking(laid), _prepositions(laid.claim, laid.ours).keys())
    )


# ── two that changed places ──────────────────────────────────────────────────────────────────────────────────────────


def _swapped(laid: Laid, excused: set[int]) -> Fault | None:
    """Find two units that stand the other way round on the two sides of a word: whoever arrested whom.

    Names anywhere in the sentence, words in one clause; clauses may come in another order.
    """
    parts = [i for i in sorted(laid.at) if laid.ours[i].kind != "number" and i not in excused]
    for pivot in (i for i in parts if laid.ours[i].kind == "word"):
        here = laid.at[pivot]
        before = [i for i in parts if i < pivot and laid.at[i] > here]
        behind = [i for i in parts if i > pivot and laid.at[i] < here]
        if not before or not behind:
            continue
        named = [any(laid.ours[i].kind == "name" for i in side) for side in (before, behind)]
        if all(named) or _is_one_clause(laid, before[-1], behind[0]):
            return "unsupported", laid.words_of(laid.ours[before[-1]])
    return None


def _fronted(laid: Laid, excused: set[int]) -> Fault | None:
    """Find an object for a subject where the verb stands second: "am Montag lobte der Rat den Kreis", "der Kreis lobte den Rat"."""
    for verb, there in laid.at.items() if laid.claim.lexicon.verb_second else ():
        before = [i for i in range(verb) if laid.at.get(i, -1) > there and i not in excused]
        if before and _is_opened(laid.sentence, laid.theirs, there):
            first = min(laid.at[i] for i in before)
            passed = [i for i, j in laid.at.items() if i > verb and there < j < first and i not in excused]
            if any(laid.claim.words[laid.ours[i].first].capital for i in passed):
                return "unsupported", laid.words_of(laid.ours[before[0]])
    return None


def _is_one_clause(laid: Laid, first: int, last: int) -> bool:
    words = range(laid.ours[first].last + 1, laid.ours[last].first + 1)
    return not any(CLAUSE & set(laid.claim.gap(n)) for n in words)


def _wrong_agent(laid: Laid, ours: dict[int, int], theirs: dict[int, int]) -> Fault | None:
    """Find who does in the claim what is done by him in the sentence to somebody, or the other way round."""
    back = {j: i for i, j in laid.at.items()}
    for verb, agent in ours.items():
        there, by = laid.at.get(verb), laid.at.get(agent, -1)
        if there is not None and there not in theirs and by > there and _is_full(laid.claim, laid.ours[verb]):
            return "unsupported", laid.words_of(laid.ours[agent])
    for verb, agent in theirs.items():
        here, by = back.get(verb), back.get(agent, -1)
        if here is not None and here not in ours and by > here and _is_full(laid.sentence, laid.theirs[verb]):
            return "unsupported", laid.words_of(laid.ours[by])
    return None


def _agents(sentence: Sentence, units: Sequence[Unit]) -> dict[int, int]:
    """Return for each unit before a "by" the unit behind it: the verb, and who does it."""
    found = {}
    for n, word in enumerate(sentence.words):
        if word.low in sentence.lexicon.passive:
            verb = _verb_before(sentence, units, n)
            end = min(len(sentence.words), n + 1 + NEAR_VERB)
            near = list(takewhile(lambda k: not CLAUSE & set(sentence.gap(k)), range(n + 1, end)))
            agent = next((i for i, u in enumerate(units) if u.first in near and u.kind != "number"), None)
            if verb is not None and agent is not None and units[verb].kind == "word":
                found[verb] = agent
    return found


def _verb_before(sentence: Sentence, units: Sequence[Unit], n: int) -> int | None:
    """Return the unit before a word; where that is a number or behind a preposition, one before it that an auxiliary precedes.

    "Was fined 3 million crowns by": "fined".
    """
    last = next((i for i in range(len(units) - 1, -1, -1) if units[i].last < n), None)
    if last is None or (units[last].kind != "number" and last not in _prepositions(sentence, units)):
        return last
    for i in range(last, max(-1, last - NEAR_FULL), -1):
        if _follows_auxiliary(sentence, units, i):
            return i
        words = range(units[i - 1].last + 1 if i else 0, units[i].first + 1)
        if any(
            CLAUSE & set(sentence.gap(k)) or sentence.words[k].low in sentence.lexicon.joints for k in words
        ):
            break
    return last


def _follows_auxiliary(sentence: Sentence, units: Sequence[Unit], i: int) -> bool:
    """Whether nothing but an auxiliary of the passive and small words stands between a unit and the one before."""
    first = units[i - 1].last + 1 if i else 0
    return any(word.low in sentence.lexicon.auxiliary for word in sentence.words[first : units[i].first])


def _is_full(sentence: Sentence, verb: Unit) -> bool:
    """Whether an auxiliary of the passive stands close to a verb."""
    near = sentence.words[max(0, verb.first - NEAR_VERB) : verb.last + 1 + NEAR_VERB]
    return any(word.low in sentence.lexicon.auxiliary for word in near)


# ── other neighbours ─────────────────────────────────────────────────────────────────────────────────────────────────


def _moved(laid: Laid, excused: set[int], *, turned: bool) -> Fault | None:
    """Find a name, number or word that has other neighbours in the sentence than in the claim, on both sides.

    Leaving words out displaces nothing: only those that both have are looked at.  Moving a clause displaces what it consists of
    only where that is one word; a passive in one of the two (`turned`) may move all but numbers.
    """
    places = [i for i in sorted(laid.at) if i not in excused or laid.ours[i].kind == "number"]
    order = [laid.at[i] for i in places]
    theirs = sorted(set(order))
    place = {j: n for n, j in enumerate(theirs)}
    count = 0
    for n, i in enumerate(places):
        unit, j = laid.ours[i], laid.at[i]
        ours = (order[n - 1] if n else -1, order[n + 1] if n + 1 < len(order) else -1)
        at = place[j]
        other = (theirs[at - 1] if at else -1, theirs[at + 1] if at + 1 < len(theirs) else -1)
        if unit.kind == "number" and _exchanged(laid, i):
            return "number", laid.words_of(unit)
        if ours[0] == other[0] or ours[1] == other[1]:
            continue
        if unit.kind == "number":
            return "number", laid.words_of(unit)
        if turned or _inverted(laid, i):
            continue
        if unit.kind == "name":
            if _moved_title(laid, i):
                continue
            return "unsupported", laid.words_of(unit)
        count += 1
        if count > MOST_MOVED:
            return "unsupported", laid.words_of(unit)
    return None


def _inverted(laid: Laid, i: int) -> bool:
    """Whether a word and the next one changed places as language has it: "closed the bridge", "the bridge was closed".

    Where the verb stands second in a sentence, as in German, its subject stands behind it when something else opens the sentence.
    """
    for a, b in ((i, i + 1), (i - 1, i)):
        if laid.at.get(a, -1) != laid.at.get(b, -2) + 1:
            continue
        if _follows_auxiliary(laid.claim, laid.ours, b) and not _is_full(
            laid.sentence, laid.theirs[laid.at[b]]
        ):
            return True
        if laid.claim.lexicon.verb_second and (
            _is_opened(laid.sentence, laid.theirs, laid.at[b]) or _is_opened(laid.claim, laid.ours, a)
        ):
            return True
    return False


def _is_opened(sentence: Sentence, units: Sequence[Unit], verb: int) -> bool:
    """Whether something but a subject stands before a verb: words behind a preposition, a time."""
    marked = _prepositions(sentence, units)
    word = sentence.words[units[verb].first]
    before = (
        i in marked or sentence.words[units[i].first].low in sentence.lexicon.prepositions
        for i in range(verb)
    )
    return units[verb].first > 0 and not word.capital and all(before)


def _exchanged(laid: Laid, i: int) -> bool:
    """Whether a number and the next one in its clause stand in the sentence the other way round, what is beside them not."""
    after = next((k for k in sorted(laid.at) if k > i and laid.ours[k].kind == "number"), None)
    if after is None or laid.at[after] >= laid.at[i] or (_is_in_place(laid, i) and _is_in_place(laid, after)):
        return False
    between = range(laid.ours[i].last + 1, laid.ours[after].first + 1)
    if _are_items(laid, i, after) and any(
        laid.claim.words[n].low in laid.claim.lexicon.joints for n in between
    ):
        return False
    return not any(set(",;:") & set(laid.claim.gap(n)) for n in between)


def _are_items(laid: Laid, i: int, after: int) -> bool:
    """Whether two numbers stand side by side, each with what it counts, here and there: "40 men and six women"."""
    return [laid.at.get(k, -1) - laid.at[after] for k in range(i, after + 2)] == [2, 3, 0, 1]


def _is_in_place(laid: Laid, i: int) -> bool:
    """Whether a unit stands between the same two as in the sentence: "employ nine people"."""
    return laid.at.get(i - 1, -2) + 1 == laid.at[i] == laid.at.get(i + 1, -2) - 1


def _moved_title(laid: Laid, i: int) -> bool:
    """Whether a name only changed places with the office beside it: "Vale, the mayor," and "Mayor Vale"."""
    grammar = grammar_of(laid.claim.language)
    return grammar is not None and any(
        abs(laid.at[k] - laid.at[i]) <= 2 and grammar.is_role(laid.claim.words[laid.ours[k].first].low)
        for k in (i - 2, i - 1, i + 1, i + 2)
        if k in laid.at
    )


# ── what may move ────────────────────────────────────────────────────────────────────────────────────────────────────


def _speaking(laid: Laid) -> set[int]:
    """Return the claim's units that say who speaks by one verb in both: "said Vale", "Vale said"."""
    ours, theirs = (_speakers(*side) for side in ((laid.claim, laid.ours), (laid.sentence, laid.theirs)))
    return {
        i
        for i, j in laid.at.items()
        if laid.ours[i].kind != "number" and ours.get(i, set()) & theirs.get(j, set())
    }


def _speakers(sentence: Sentence, units: Sequence[Unit]) -> dict[int, set[int]]:
    """Return for each unit that says who speaks which verbs of saying it is of, counted from the first.

    It stands close before the verb, or behind one that stands behind the words.
    """
    found: dict[int, set[int]] = {}
    for number, mark in enumerate(speech_of(sentence)):
        behind = mark.kind == "according" or bool(_CLOSE & set(sentence.gap(mark.first)))
        for i, unit in enumerate(units):
            near = (
                range(unit.last + 1, mark.first + 1)
                if unit.last < mark.first
                else range(mark.last + 1, unit.first + 1)
            )
            if len(near) <= NEAR and (unit.last < mark.first or behind):
                found.setdefault(i, set()).add(number)
    return found


def _marked(laid: Laid) -> set[int]:
    """Return the claim's units behind a preposition that they stand behind in the sentence too, and no other unit does."""
    ours, theirs = (_prepositions(*side) for side in ((laid.claim, laid.ours), (laid.sentence, laid.theirs)))
    counts = [list(side.values()) for side in (ours, theirs)]
    found = {
        i
        for i, j in laid.at.items()
        if i in ours
        and ours[i] == theirs.get(j)
        and laid.ours[i].kind != "number"
        and all(side.count(ours[i]) == 1 for side in counts)
    }
    return found | {i - 1 for i in found if i and laid.claim.words[laid.ours[i - 1].first].low == ours[i]}


def _prepositions(sentence: Sentence, units: Sequence[Unit]) -> dict[int, str]:
    """Return the preposition before each unit that has one, an article between them or not."""
    found = {}
    for i, unit in enumerate(units):
        for n in range(unit.first - 1, max(-1, unit.first - 3), -1):
            word = sentence.words[n]
            if word.low in sentence.lexicon.prepositions:
                found[i] = word.low
            if word.content or word.low in sentence.lexicon.prepositions:
                break
    return found


def _owned(laid: Laid) -> set[int]:
    """Return the claim's units that are an owner or what he owns, the owner before it here and behind it there.

    "The club's insurers", "the insurers of the club"; "match tickets", "tickets for the match".  Nobody else may stand there:
    "Cohen's payment to Trump" is not Trump's to Cohen.
    """
    found: set[int] = set()
    before = _owners(laid.claim, laid.ours), _owners(laid.sentence, laid.theirs)
    behind = (
        _prepositions(laid.claim, laid.ours).keys(),
        _prepositions(laid.sentence, laid.theirs).keys(),
    )
    for i, j in laid.at.items():
        if i in before[0] and j in behind[1]:
            owned = [h for h in range(i + 1, i + 1 + NEAR_OWNER) if 0 < j - laid.at.get(h, j) <= NEAR_OWNER]
            head = any(laid.at[h] == j - 1 and h + 1 not in behind[0] for h in owned)
        elif i in behind[0] and j in before[1]:
            owned = [h for h in range(i - NEAR_OWNER, i) if 0 < laid.at.get(h, j) - j <= NEAR_OWNER]
            head = i - 1 in owned and laid.at[i - 1] + 1 not in behind[1]
        else:
            continue
        found |= {i, *owned} if head else set()
    return found


def _owners(sentence: Sentence, units: Sequence[Unit]) -> set[int]:
    """Return the units in the genitive, and words that stand right before another: "match tickets"."""
    found = set()
    for i, unit in enumerate(units):
        end = sentence.words[unit.last].end
        if sentence.text[end : end + 2].lower() in _OWNS or (
            i + 1 < len(units) and units[i + 1].first == unit.last + 1 and unit.kind == "word"
        ):
            found.add(i)
    return found
