"""Hashtags from a closed vocabulary that grows: names and phrases that enough articles share.

Every article names candidates: its names and key phrases, best first.  A candidate becomes a tag when a second article has it
(a strong name: at once), and articles carry only tags, at most six.  Spellings and plurals are one tag, a country's names
among them.  An article that would have none takes its best candidate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidings.model import Description, Hashtag, KnownHashtag, Phrase
from tidings.stories.names import is_telling_name
from tidings.stories.nations import is_adjective, nation_of
from tidings.stories.phrases import is_topic, stands_in, word_key
from tidings.stories.rarity import primary
from tidings.text import fold, is_cjk

MOST_TAGS = 6
MOST_CANDIDATES = 14
ARTICLES_FOR_A_TAG = 2
MOST_PENDING = 50_000
LEAST_LONE_WORD = (
    0.7  # weight of a lone word that the headline has not; below are "makers", "metres", "counts"
)
_STRONG_NAME = 3  # mentions, headline counting two: a name that an article is about
_LONGEST_LABEL = 40
_SLUG_GAP = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class _Candidate:
    slug: str
    key: str
    label: str
    words: str
    weight: float
    is_strong: bool


class Vocabulary:
    """The tags there are, and the candidates that wait for another article."""

    def __init__(self, known: Iterable[KnownHashtag] = ()) -> None:
        self._labels: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._slug_of: dict[str, str] = {}  # alias → slug
        self._pending: dict[str, set[int]] = {}  # slug → articles that have it
        self._tagged: dict[int, tuple[str, ...]] = {}
        for tag in known:
            self._labels[tag.slug] = tag.label
            self._counts[tag.slug] = tag.article_count
            self._slug_of.update(dict.fromkeys(tag.aliases, tag.slug))

    def restore(self, description: Description) -> None:
        """Count what an article of the window is a candidate for, without tagging it."""
        for candidate in candidates(description):
            self._wait(candidate, description.article_id)

    def tag(self, batch: Sequence[Description]) -> dict[int, tuple[Hashtag, ...]]:
        """Return the hashtags of each article of a batch, best first: at least one when it has any word at all."""
        found = {description.article_id: candidates(description) for description in batch}
        for article_id, chosen in found.items():
            for candidate in chosen:
                self._wait(candidate, article_id)
        tags: dict[int, tuple[Hashtag, ...]] = {}
        for article_id, chosen in found.items():
            accepted = [c for c in chosen if self._is_tag(c)] or chosen[:1]
            tags[article_id] = tuple(self._hashtag(c) for c in _distinct(accepted)[:MOST_TAGS])
            before = set(self._tagged.get(article_id, ()))
            self._counts.update(tag.slug for tag in tags[article_id] if tag.slug not in before)
            self._tagged[article_id] = tuple(tag.slug for tag in tags[article_id])
        return tags

    def forget(self, article_ids: Iterable[int]) -> None:
        """Drop what is remembered of articles that left the window."""
        for article_id in article_ids:
            self._tagged.pop(article_id, None)

    def _slug(self, candidate: _Candidate) -> str:
        return self._slug_of.get(candidate.key, candidate.slug)

    def _wait(self, candidate: _Candidate, article_id: int) -> None:
        slug = self._slug(candidate)
        if slug in self._labels:
            return
        if len(self._pending) >= MOST_PENDING and slug not in self._pending:
            for stale in list(self._pending)[: MOST_PENDING // 10]:
                del self._pending[stale]
        self._pending.setdefault(slug, set()).add(article_id)

    def _is_tag(self, candidate: _Candidate) -> bool:
        slug = self._slug(candidate)
        if slug in self._labels:
            return True
        seen = len(self._pending.get(slug, ()))
        return seen >= ARTICLES_FOR_A_TAG or candidate.is_strong

    def _hashtag(self, candidate: _Candidate) -> Hashtag:
        slug = self._slug(candidate)
        self._slug_of.setdefault(candidate.key, slug)
        self._pending.pop(slug, None)
        label = self._labels.setdefault(slug, candidate.label)
        return Hashtag(slug=slug, label=label, words=candidate.words, weight=round(candidate.weight, 4))


def candidates(description: Description) -> list[_Candidate]:
    """Return what an article could be tagged with, best first, at most 14."""
    language = primary(description.language)
    found: list[_Candidate] = []
    taken: set[str] = set()
    most = max((name.count for name in description.names), default=1)
    for name in description.names:
        mentions = name.count + 2 * name.in_headline
        if (
            is_adjective(name.label)
            or len(name.label) > _LONGEST_LABEL
            or not is_telling_name(name.label, language)
        ):
            continue
        weight = min(1.0, 0.35 * name.in_headline + 0.25 + 0.5 * name.count / most)
        found.append(
            _Candidate(
                slug=slug_of(name.key),
                key=name.key,
                label=nation_label(name.key) or spoken(name.label),
                words=name.label,
                weight=weight,
                is_strong=mentions >= _STRONG_NAME and len(name.key) > 1,
            )
        )
    taken = {part for candidate in found for part in [candidate.key, *candidate.key.split()]}
    for phrase in description.phrases:
        folded = fold(phrase.words)
        if phrase.key in taken or folded in taken or all(part in taken for part in folded.split()):
            continue
        is_lone = " " not in folded and not is_cjk(folded)
        if is_lone and phrase.weight < LEAST_LONE_WORD and not stands_in(description.headline, folded):
            continue
        if is_topic(phrase.words, language, headline=description.headline) and _can_be_label(phrase.words):
            found.append(_of_phrase(phrase, language))
    if not found:  # rather a word that says little than none
        found = [
            _of_phrase(phrase, language) for phrase in description.phrases if _can_be_label(phrase.words)
        ]
    found.sort(key=lambda c: (-c.weight, c.slug))
    return [c for c in found if c.slug][:MOST_CANDIDATES]


def _of_phrase(phrase: Phrase, language: str) -> _Candidate:
    words = phrase.words
    key = word_key(words, language)
    weight = phrase.weight * (0.75 if " " in words or is_cjk(words) else 0.55)
    return _Candidate(slug_of(key), key, label_of(words), words, weight, is_strong=False)


def _can_be_label(words: str) -> bool:
    return len(words) <= _LONGEST_LABEL and not is_adjective(words)


def slug_of(key: str) -> str:
    """Return a key as it stands in an address: "south-korea"."""
    return _SLUG_GAP.sub("-", fold(key)).strip("-_")[:60]


def label_of(words: str) -> str:
    return words if any(c.isupper() for c in words) else words[:1].upper() + words[1:]


def nation_label(key: str) -> str | None:
    """Return "South Korea" for the key of a country, "NATO" for a union's acronym, None for other keys."""
    if nation_of(key.title()) != key:
        return None
    return "NATO" if key == "nato" else key.title().replace(" Of ", " of ")


def spoken(label: str) -> str:
    """Return a name that is written in capitals as it is otherwise: "AMY GOODMAN" is Amy Goodman, "NATO" stays."""
    words = label.split()
    if not label.isupper() or max(len(word) for word in words) <= (4 if len(words) > 1 else 6):
        return label
    return label.title()


def _distinct(accepted: Sequence[_Candidate]) -> list[_Candidate]:
    """Leave out what a better candidate of the same article already says: its slug, or a part of its words."""
    kept: list[_Candidate] = []
    for candidate in accepted:
        parts = set(candidate.slug.split("-"))
        if not any(parts <= set(k.slug.split("-")) or set(k.slug.split("-")) <= parts for k in kept):
            kept.append(candidate)
    return kept


__all__ = ["MOST_TAGS", "Vocabulary", "candidates", "slug_of"]
