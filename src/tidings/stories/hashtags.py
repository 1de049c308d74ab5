"""Hashtags from a closed vocabulary that grows: names and phrases that enough articles share.

Every article names candidates: its names and key phrases, best first.  A candidate becomes a tag when a second article has it
(a strong name: at once), and articles carry only tags, at most six.  Spellings and inflections are one tag: what their folded
stems have in common, a country's names among them.  An article that would have none takes its best candidate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidings.model import Description, Hashtag, KnownHashtag
from tidings.stories.names import name_key
from tidings.stories.nations import is_adjective, nation_of
from tidings.stories.phrases import phrase_key, stop_words
from tidings.stories.rarity import primary, word_zipf
from tidings.text import fold, is_cjk

MOST_TAGS = 6
MOST_CANDIDATES = 14
ARTICLES_FOR_A_TAG = 2
MOST_PENDING = 50_000
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
            or not _is_telling_name(name.label, language)
        ):
            continue
        weight = min(1.0, 0.35 * name.in_headline + 0.25 + 0.5 * name.count / most)
        found.append(
            _Candidate(
                slug=slug_of(name.key),
                key=name.key,
                label=nation_label(name.key) or name.label,
                words=name.label,
                weight=weight,
                is_strong=mentions >= _STRONG_NAME and len(name.key) > 1,
            )
        )
    taken = {part for candidate in found for part in [candidate.key, *candidate.key.split()]}
    for phrase in description.phrases:
        words = phrase.words
        folded = fold(words)
        if phrase.key in taken or folded in taken or len(words) > _LONGEST_LABEL or is_adjective(words):
            continue
        if all(part in taken for part in folded.split()) or not _is_telling(phrase.words, language):
            continue
        weight = phrase.weight * (0.75 if " " in phrase.words or is_cjk(words) else 0.55)
        found.append(
            _Candidate(slug_of(phrase.key), phrase.key, label_of(words), words, weight, is_strong=False)
        )
    found.sort(key=lambda c: (-c.weight, c.slug))
    return [c for c in found if c.slug][:MOST_CANDIDATES]


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


def _is_telling_name(label: str, language: str) -> bool:
    """Whether a name can stand alone: not a lone common word that happened to be capitalised."""
    key = name_key(label)
    if nation_of(label) or " " in key or is_cjk(label):
        return True
    if label.isupper() and 2 <= len(label) <= 6:
        return True
    return len(key) > 2 and word_zipf(key, language or "en") < 4.9


def _is_telling(words: str, language: str) -> bool:
    parts = fold(words).split()
    stops = stop_words(language)
    if any(part in stops or any(c.isdigit() for c in part) for part in parts):
        return False
    if len(parts) == 1:
        return len(parts[0]) > (1 if is_cjk(words) else 3) and word_zipf(parts[0], language) < 5.0
    return True


def _distinct(accepted: Sequence[_Candidate]) -> list[_Candidate]:
    """Leave out what a better candidate of the same article already says: its slug, or a part of its words."""
    kept: list[_Candidate] = []
    for candidate in accepted:
        parts = set(candidate.slug.split("-"))
        if not any(parts <= set(k.slug.split("-")) or set(k.slug.split("-")) <= parts for k in kept):
            kept.append(candidate)
    return kept


__all__ = ["MOST_TAGS", "Vocabulary", "candidates", "phrase_key", "slug_of"]
