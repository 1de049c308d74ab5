"""Related articles, each with its reason in words; none rather than an unrelated one.

What is shown must be much alike, or known to be of the same story.  Time only orders: of two alike the
one of the same days comes first, an unknown time is neutral, and age alone excludes nothing.  Copies of the same report never
appear, nor more than two articles of one story.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from tidings.model import Description, Name, ReasonKind, Relation
from tidings.stories.agencies import agency_named
from tidings.stories.copies import LEAST_CONTAINED, LEAST_SHARED, overlap
from tidings.stories.names import is_telling_name, name_key
from tidings.stories.nations import nation_of
from tidings.stories.phrases import is_topic
from tidings.stories.rarity import expected_share, primary
from tidings.stories.similarity import (
    Comparison,
    Profile,
    compared,
    comparison_of,
    most_alike,
    profile_of,
    views_of,
)
from tidings.stories.sketches import unpacked

# From where on a candidate is shown: so that of the judged pairs shown 95 % are at least somewhat similar (evals.related;
# docs/design/related.md says what that leaves).  Names in common tell more only where the English embedder has read both.
LEAST_SIMILAR: Mapping[Comparison, float] = {"english": 0.68, "one language": 0.83, "across": 0.83}
LEAST_WITH_NAMES = 0.58
ENOUGH_NAMES = 3
LEAST_CANDIDATES = 10  # from here on, what they share among themselves is weighed
COMMON_NAME = 0.2  # a name that a larger share of the candidates has tells the place, not the matter
SAME_STORY = 0.74  # of 153 such pairs of the sample press 152 are of one story
SAME_STORY_TIME = timedelta(days=7)
MOST_OF_ONE_STORY = 2
COMPARED_IN_FULL = 30
LATE_COST = 0.02  # a factor e in days apart costs this much similarity, for the order only
_TELLING = 4.0  # −ln of the share of articles: a name in fewer than one of 55
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    description: Description
    profile: Profile
    comparison: Comparison
    similarity: float
    order: float
    shared: tuple[_Shared, ...]


@dataclass(frozen=True, slots=True)
class _Shared:
    """A name that both texts have: `words` stand verbatim in both; `weight` counts how much both make of it."""

    words: str
    telling: float
    weight: float


def related(
    subject: Description,
    candidates: Sequence[Description],
    *,
    limit: int = 6,
    same_story: Set[int] = frozenset(),
) -> list[Relation]:
    """Return the related articles among candidates, most related first, at most `limit`, often fewer.

    same_story holds the ids of articles known to be of the subject's story.  Names and quoted phrases of each reason
    occur verbatim in both texts.  Cost: 10 ms for 60 candidates.
    """
    chosen: list[_Candidate] = []
    of_story = 0
    common = _common_parts(candidates)
    for candidate in _ranked(subject, candidates, same_story):
        if len(chosen) >= limit:
            break
        is_same = _is_same_story(subject, candidate, same_story)
        is_known = candidate.description.article_id in same_story
        if not (is_known or _is_related(candidate, common)):
            continue
        if is_repeated(candidate.description, [subject, *_descriptions(chosen)]):
            continue
        if is_same and of_story >= MOST_OF_ONE_STORY:
            continue
        if not is_same and _told_already(candidate, chosen):
            continue
        of_story += is_same
        chosen.append(candidate)
    return [_relation(subject, candidate, same_story) for candidate in chosen]


def _ranked(
    subject: Description, candidates: Sequence[Description], same_story: Set[int]
) -> list[_Candidate]:
    """Return the nearest candidates that can be related, best first: by their vectors, then by everything."""
    views = views_of(subject)
    others = [
        (c, views_of(c))
        for c in {c.article_id: c for c in candidates}.values()
        if c.article_id != subject.article_id
    ]
    others.sort(
        key=lambda o: (
            -float(o[1].vector @ views.vector) if o[1].model == views.model else 0.0,
            o[0].article_id,
        )
    )
    profile = profile_of(subject)
    ranked = []
    for description, its in others[:COMPARED_IN_FULL]:
        is_known = description.article_id in same_story
        comparison = comparison_of(views, its)
        least = least_similarity(comparison, names_shared=ENOUGH_NAMES)
        if (
            not is_known and most_alike(views, its) < least
        ):  # its words need not be weighed: that is most of the time
            continue
        other = profile_of(description)
        similar = compared(profile, other)
        if not is_known and similar < least:  # whatever names they share
            continue
        shared = shared_names(subject, description)
        order = similar + 0.01 * min(4.0, sum(s.telling for s in shared) / 4.0)
        if subject.dated and description.dated:
            order -= LATE_COST * math.log1p(abs((subject.at - description.at).total_seconds()) / 86_400)
        ranked.append(_Candidate(description, other, comparison, similar, order, shared))
    ranked.sort(key=lambda c: (-c.order, c.description.article_id))
    return ranked


def _common_parts(candidates: Sequence[Description]) -> frozenset[str]:
    """Return the parts of names that so many candidates have that they tell none of them apart."""
    if len(candidates) < LEAST_CANDIDATES:
        return frozenset()
    counts = Counter(part for c in candidates for part in {p for name in c.names for p in name.key.split()})
    return frozenset(part for part, count in counts.items() if count > COMMON_NAME * len(candidates))


def telling_names(a: Description, b: Description) -> list[str]:
    """Return the names in both texts that few articles have, as they stand in both."""
    return [shared.words for shared in shared_names(a, b) if shared.telling >= _TELLING]


def _is_related(candidate: _Candidate, common: Set[str]) -> bool:
    telling = sum(
        shared.telling >= _TELLING and not set(name_key(shared.words).split()) <= common
        for shared in candidate.shared
    )
    return candidate.similarity >= least_similarity(candidate.comparison, names_shared=telling)


def least_similarity(comparison: Comparison, *, names_shared: int) -> float:
    """Return how alike two articles that share so many telling names must be for one to be shown with the other."""
    if comparison == "english" and names_shared >= ENOUGH_NAMES:
        return LEAST_WITH_NAMES
    return LEAST_SIMILAR[comparison]


def is_repeated(description: Description, others: Sequence[Description]) -> bool:
    """Whether an article repeats one of the others: a wire copy, an extract, an equal headline."""
    sketch = unpacked(description.sketch)
    for other in others:
        other_sketch = unpacked(other.sketch)
        if sketch is None or other_sketch is None:
            if description.headline.casefold() == other.headline.casefold():
                return True
            continue
        shares = overlap(sketch, other_sketch)
        if shares.shared >= LEAST_SHARED and max(shares.of_first, shares.of_second) >= LEAST_CONTAINED:
            return True
    return False


def _is_same_story(subject: Description, candidate: _Candidate, same_story: Set[int]) -> bool:
    """Whether an article is known to be of the subject's story, or is as alike as one and of the same days."""
    other = candidate.description
    if other.article_id in same_story:
        return True
    return (
        candidate.similarity >= SAME_STORY
        and subject.dated
        and other.dated
        and abs(subject.at - other.at) <= SAME_STORY_TIME
    )


def _told_already(candidate: _Candidate, chosen: Sequence[_Candidate]) -> bool:
    """Whether two articles of the same other story are chosen already."""
    return sum(compared(candidate.profile, c.profile) >= SAME_STORY for c in chosen) >= MOST_OF_ONE_STORY


def _descriptions(chosen: Sequence[_Candidate]) -> list[Description]:
    return [candidate.description for candidate in chosen]


# ── reasons ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def shared_names(a: Description, b: Description) -> tuple[_Shared, ...]:
    """Return the names that both texts have, most telling first, each in words that stand in both."""
    found: dict[str, _Shared] = {}
    by_part: dict[str, list[Name]] = {}
    for name in b.names:
        for part in name.key.split():
            by_part.setdefault(part, []).append(name)
    for name in a.names:
        others = {id(n): n for part in name.key.split() for n in by_part.get(part, ())}
        best = max(
            (words for other in others.values() if (words := _common_words(name, other))),
            key=lambda words: (len(words), words),
            default="",
        )
        if best and best not in found and not agency_named(best) and is_telling_name(best, a.language):
            other = max(others.values(), key=lambda n: (n.count, n.key))
            told = math.log1p(min(name.count, other.count)) + 0.4 * (name.in_headline + other.in_headline)
            telling = _telling(best, primary(a.language))
            found[best] = _Shared(best, telling, telling * told)
    kept = [
        s
        for s in found.values()
        if not any(s.words != o.words and s.words in o.words for o in found.values())
    ]
    return tuple(sorted(kept, key=lambda s: (-s.weight, s.words)))


def _common_words(a: Name, b: Name) -> str:
    """Return the longest run of whole words that two labels share; one that is only a fragment of both does not count."""
    if a.label == b.label:
        return a.label
    mine, theirs = a.label.split(), b.label.split()
    best = ""
    for i in range(len(mine)):
        for j in range(i + 1, len(mine) + 1):
            run = mine[i:j]
            if any(theirs[k : k + len(run)] == run for k in range(len(theirs))) and len(run) > len(
                best.split()
            ):
                best = " ".join(run)
    if best in (a.label, b.label) and best in a.label and best in b.label and best[:1].isupper():
        return best
    return ""


def _telling(words: str, language: str) -> float:
    """Return how much a shared name tells: −ln of the share of articles to expect it in, a country's at most 4."""
    telling = sum(
        -math.log(max(1e-6, expected_share(p.casefold(), language or "en"))) for p in words.split()[:2]
    )
    return min(telling, _TELLING) if nation_of(words) else telling


def _relation(subject: Description, candidate: _Candidate, same_story: Set[int]) -> Relation:
    description = candidate.description
    names = tuple(s.words for s in candidate.shared[:_MOST_NAMED])
    phrases = _shared_phrases(subject, description, names)
    is_same = _is_same_story(subject, candidate, same_story)
    kind: ReasonKind = "same story" if is_same else "names" if names else "meaning"
    return Relation(
        article_id=description.article_id,
        similarity=round(candidate.similarity, 4),
        kind=kind,
        reason=_reason(kind, names, phrases),
        names=names,
    )


def _reason(kind: ReasonKind, names: Sequence[str], phrases: Sequence[str]) -> str:
    about = f"are about {_listed([f'“{p}”' for p in phrases])}" if phrases else ""
    naming = f"name {_listed(names)}" if names else ""
    both = " and ".join(filter(None, (naming, about)))
    if kind == "same story":
        return f"The same story: both {both}" if both else "The same story"
    return f"Both {both}" if both else "Close in meaning"


def _shared_phrases(a: Description, b: Description, names: Sequence[str]) -> list[str]:
    """Return up to two phrases that stand in both texts in the same words and say more than the names do."""
    theirs = {phrase.key: phrase for phrase in b.phrases}
    said = {
        part
        for words in (*names, *(name.label for d in (a, b) for name in d.names))
        for part in words.casefold().split()
    }
    found: list[tuple[float, str]] = []
    for phrase in a.phrases:
        other = theirs.get(phrase.key)
        if other is None or other.words != phrase.words or set(phrase.words.casefold().split()) & said:
            continue
        if not is_topic(phrase.words, a.language, headline=f"{a.headline} {b.headline}"):
            continue
        found.append((phrase.weight * other.weight * (2.0 if " " in phrase.words else 1.0), phrase.words))
    found.sort(key=lambda f: (-f[0], f[1]))
    chosen: list[str] = []
    for _, words in found:
        if not any(words in c or c in words for c in chosen):
            chosen.append(words)
    return chosen[:2]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
