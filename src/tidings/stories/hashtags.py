"""Hashtags from a closed vocabulary that grows slowly: names and topics that several publishers report on.

Every article names candidates: its names and its topics, which are key phrases that the headline has or that recur.  A
candidate becomes a tag when enough publishers have it, and enough is more the larger the vocabulary (see _needed); then the
articles that waited with it are tagged as well.  Articles carry only tags, at most six, of which at most four are names where
there are topics to be had.  An article that would have none takes its best candidate.

One tag are: spellings and plurals, words joined, hyphened and apart, a country's names in the languages that nations.py knows,
an acronym with the name whose initials it is, once two articles have both; the names of one entity (see align); and a topic in
two languages, when the language model places their words close together.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tidings.errors import AIError
from tidings.model import Description, EntityMention, Hashtag, KnownHashtag, Phrase
from tidings.stories.agencies import AGENCIES
from tidings.stories.names import is_telling_name, name_key
from tidings.stories.nations import is_adjective, nation_of
from tidings.stories.phrases import is_topic, stands_in, word_key
from tidings.stories.rarity import primary
from tidings.text import fold, is_cjk

if TYPE_CHECKING:
    from tidings.ports import Matrix

MOST_TAGS = 6
MOST_NAMES = 4  # of them, where there are topics
MOST_CANDIDATES = 14
PUBLISHERS_FOR_A_TAG = 2
MORE_FROM = 300  # tags: beyond, more publishers are needed, one for every doubling
MORE_FOR_A_LONE_WORD = 1  # "talks", "search": they are many and say little
MOST_PENDING = 50_000
ARTICLES_FOR_AN_ACRONYM = 2
LEAST_MENTIONS = 2  # of a name, being in the headline counting two: named once is no topic
LEAST_LONE_WORD = 4  # times that a lone word stands in a text, the headline counting two
SAME_TOPIC = 0.75  # cosine of two words; docs/design/tags.md: of 35 topics in three languages none is wrong from here on
MOST_COMPARED = (
    3_000  # of the tags of earlier runs, the most used: placing them takes 4 s once, when a word asks
)
_FRESH = 10_000  # articles whose candidates are remembered while they wait for another's
_LONGEST_LABEL = 40
_SLUG_GAP = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class _Candidate:
    slug: str
    key: str
    label: str
    words: str
    weight: float
    is_name: bool
    is_lone: bool
    publisher_id: int
    language: str


class Vocabulary:
    """The tags there are, and the candidates that wait for another article."""

    def __init__(
        self,
        known: Iterable[KnownHashtag] = (),
        *,
        press: Iterable[str] = (),
        meanings: Callable[[Sequence[str]], Matrix] | None = None,
    ) -> None:
        """`press` are names of publishers: what is reported about them is rarely why they are named.

        `meanings` places words in one space for all languages (unit vectors), to find a topic that has a tag in another one.
        """
        self._topics = _Topics(meanings) if meanings else None
        self._labels: dict[str, str] = {}
        self._slug_of: dict[str, str] = {}  # alias, or what it has in common with others (_loose) → slug
        self._pending: dict[
            str, dict[int, int]
        ] = {}  # slug → the articles that have it, with their publishers
        self._candidates: dict[int, list[_Candidate]] = {}  # of the latest articles
        self._acronyms: Counter[tuple[str, str]] = Counter()  # (acronym, name) → articles that have both
        self._press = {name for label in press for name in (fold(label), fold(label).removeprefix("the "))}
        for tag in known:
            self._labels[tag.slug] = tag.label
            for alias in sorted(tag.aliases):
                self._know(alias, tag.slug)
            if self._topics:
                self._topics.known(tag)

    def restore(self, description: Description) -> None:
        """Count what an article of the window is a candidate for, without tagging it."""
        self._take_in(description)

    def tag(self, batch: Sequence[Description]) -> dict[int, tuple[Hashtag, ...]]:
        """Return the hashtags of each article of a batch, best first: at least one when it has any word at all.

        Earlier articles that waited with a word which becomes a tag now are among the keys, with all their tags.
        """
        woken: dict[int, None] = {}
        for description in batch:
            for candidate in self._take_in(description):
                woken.update(dict.fromkeys(self._wake(self._slug(candidate))))
        tags = {description.article_id: self._tags(description.article_id) for description in batch}
        for article_id in woken:
            if article_id not in tags and article_id in self._candidates:
                tags[article_id] = self._tags(article_id)
        return tags

    def align(
        self,
        tagged: Mapping[int, Sequence[Hashtag]],
        mentions: Mapping[int, Sequence[EntityMention]],
        labels: Mapping[int, str],
    ) -> dict[int, tuple[Hashtag, ...]]:
        """Return the hashtags with those that name one entity made one: in other scripts, and surnames with the whole name.

        labels are what the entities are called, by id.  What an entity is called elsewhere means its tag from then on.
        """
        found: dict[int, tuple[Hashtag, ...]] = {}
        for article_id, tags in tagged.items():
            named = {words: m for m in reversed(mentions.get(article_id, ())) for words in m.words}
            aligned: dict[str, Hashtag] = {}
            for tag in tags:
                mention = named.get(tag.words)
                label = labels.get(mention.entity_id) if mention else None
                if mention and label:
                    tag = self._entity_tag(tag, label, mention.keys)
                aligned.setdefault(tag.slug, tag)
            found[article_id] = tuple(aligned.values())
        return found

    def _entity_tag(self, tag: Hashtag, label: str, keys: Sequence[str]) -> Hashtag:
        key = name_key(label)
        slug = self._slug_of.get(key) or slug_of(key)
        if not slug or len(label) > _LONGEST_LABEL:
            return tag
        shown = self._labels.setdefault(slug, nation_label(key) or spoken(label))
        for alias in (key, *keys):
            self._slug_of[alias] = slug
        return replace(tag, slug=slug, label=shown)

    def forget(self, article_ids: Iterable[int]) -> None:
        """Drop what is remembered of articles that left the window."""
        for article_id in article_ids:
            self._candidates.pop(article_id, None)

    def _take_in(self, description: Description) -> list[_Candidate]:
        article_id = description.article_id
        chosen = candidates(description)
        chosen = [c for c in chosen if fold(c.words) not in self._press] or chosen[:1]
        self._learn_acronyms(chosen)
        self._candidates.pop(article_id, None)
        self._candidates[article_id] = chosen
        if len(self._candidates) > _FRESH:
            del self._candidates[next(iter(self._candidates))]
        for slug, candidate in {self._slug(c): c for c in chosen}.items():
            if slug in self._labels:
                continue
            if len(self._pending) >= MOST_PENDING and slug not in self._pending:
                for stale in list(self._pending)[: MOST_PENDING // 10]:
                    del self._pending[stale]
            self._pending.setdefault(slug, {})[article_id] = candidate.publisher_id
        return chosen

    def _know(self, key: str, slug: str) -> None:
        self._slug_of.setdefault(key, slug)
        self._slug_of.setdefault(_loose(key), slug)

    def _slug(self, candidate: _Candidate) -> str:
        return self._slug_of.get(candidate.key) or self._slug_of.get(_loose(candidate.key)) or candidate.slug

    def _learn_acronyms(self, chosen: Sequence[_Candidate]) -> None:
        names = [c for c in chosen if c.is_name]
        for short in names:
            if not (short.label.isupper() and 2 < len(short.key) <= 6 and short.is_lone):
                continue
            for name in names:
                if _initials(name.key) != short.key:
                    continue
                pair = (short.key, name.key)
                self._acronyms[pair] += 1
                if self._acronyms[pair] == ARTICLES_FOR_AN_ACRONYM:
                    self._slug_of[short.key] = self._slug_of[name.key] = (
                        self._slug(short) if self._slug(short) in self._labels else self._slug(name)
                    )

    def _needed(self, found: Sequence[_Candidate]) -> int:
        """Return from how many publishers a word must come: so the vocabulary grows with the logarithm of what is read."""
        more = math.log2(max(1.0, len(self._labels) / MORE_FROM))
        lone = any(c.is_lone and not c.is_name for c in found)
        return PUBLISHERS_FOR_A_TAG + int(more) + MORE_FOR_A_LONE_WORD * lone

    def _wake(self, slug: str) -> Iterable[int]:
        """Make a slug a tag when enough articles have it; returns those that waited with it."""
        waiting = self._pending.get(slug, {})
        if len(set(waiting.values())) < PUBLISHERS_FOR_A_TAG:
            return ()
        found = [
            candidate
            for article_id in waiting
            for candidate in self._candidates.get(article_id, ())
            if self._slug(candidate) == slug
        ]
        if len({candidate.publisher_id for candidate in found}) < self._needed(found[:1]):
            return ()
        labels = Counter(candidate.label for candidate in found)
        elsewhere = self._topics.tag_of(found[0]) if self._topics and not found[0].is_name else None
        if elsewhere in self._labels and elsewhere is not None:
            for candidate in found:
                self._slug_of[candidate.key] = elsewhere
            return self._pending.pop(slug)
        if self._topics and not found[0].is_name:
            self._topics.made(slug, found[0])
        self._labels[slug] = min(labels, key=lambda label: (-labels[label], label))
        return self._pending.pop(slug)

    def _tags(self, article_id: int) -> tuple[Hashtag, ...]:
        chosen = self._candidates[article_id]
        known = {self._slug(c): c for c in reversed(chosen) if self._slug(c) in self._labels}
        accepted = _balanced(_distinct([c for c in chosen if known.get(self._slug(c)) is c]))
        return tuple(self._hashtag(c) for c in (accepted or chosen[:1]))

    def _hashtag(self, candidate: _Candidate) -> Hashtag:
        slug = self._slug(candidate)
        self._know(candidate.key, slug)
        label = self._labels.setdefault(slug, candidate.label)
        self._pending.pop(slug, None)
        return Hashtag(slug=slug, label=label, words=candidate.words, weight=round(candidate.weight, 4))


class _Topics:
    """The tags that are topics, by meaning: which of them a word of another language says.

    Their vectors live in memory; those of the vocabulary of earlier runs are made when the first word asks for them.
    """

    def __init__(self, meanings: Callable[[Sequence[str]], Matrix]) -> None:
        self._meanings = meanings
        self._waiting: list[tuple[str, str, str]] = []  # slug, language ("" unknown), label: no vector yet
        self._tags: list[tuple[str, str]] = []  # slug, language
        self._rows: Matrix = np.zeros((0, 0), dtype=np.float32)

    def known(self, tag: KnownHashtag) -> None:
        if len(self._waiting) < MOST_COMPARED:
            self._waiting.append((tag.slug, "", tag.label))

    def made(self, slug: str, candidate: _Candidate) -> None:
        self._waiting.append((slug, candidate.language, candidate.label))

    def tag_of(self, candidate: _Candidate) -> str | None:
        """Return the tag that says in another language what a candidate says, None without one."""
        try:
            self._place()
            (vector,) = self._meanings([candidate.label]) if self._tags else (None,)
        except AIError:  # the embedder does not answer: two tags then, rather than no stories
            return None
        if vector is None:
            return None
        near = self._rows @ vector
        for i in np.argsort(-near)[:5]:
            slug, language = self._tags[int(i)]
            if near[i] < SAME_TOPIC:
                return None
            if language != candidate.language and (language or _script(slug) != _script(candidate.slug)):
                return slug
        return None

    def _place(self) -> None:
        if not self._waiting:
            return
        rows = self._meanings([label for _, _, label in self._waiting])
        self._rows = np.vstack([self._rows, rows]) if len(self._tags) else rows
        self._tags += [(slug, language) for slug, language, _ in self._waiting]
        self._waiting = []


def _script(slug: str) -> str:
    """Return the script a slug is written in, as its first letter's name in Unicode says: "LATIN", "HANGUL"."""
    letter = next((c for c in slug if c.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


def candidates(description: Description) -> list[_Candidate]:
    """Return what an article could be tagged with, best first, at most 14."""
    found = [*_names(description), *_topics(description)]
    if not found:  # rather a word that says little than none
        found = [_of_phrase(phrase, description, 0.1) for phrase in description.phrases]
    found = [c for c in found if c.slug and len(c.words) <= _LONGEST_LABEL and not is_adjective(c.words)]
    found.sort(key=lambda c: (-c.weight, c.slug))
    return found[:MOST_CANDIDATES]


def _names(description: Description) -> Iterable[_Candidate]:
    language = primary(description.language)
    most = max((name.count for name in description.names), default=1)
    keys = [name.key for name in description.names]
    for name in description.names:
        if name.count + 2 * name.in_headline < LEAST_MENTIONS or _is_of_the_press(name.label):
            continue
        if fold(name.label) in _FURNITURE:
            continue
        if not is_telling_name(name.label, language) or _is_people_of(name.key, keys):
            continue
        yield _Candidate(
            slug=slug_of(name.key),
            key=name.key,
            label=nation_label(name.key) or spoken(name.label),
            words=name.label,
            weight=min(1.0, 0.35 * name.in_headline + 0.25 + 0.5 * name.count / most),
            is_name=True,
            is_lone=" " not in name.key,
            publisher_id=description.publisher_id,
            language=language,
        )


# Words that stand around articles rather than in them.
_FURNITURE = frozenset(
    (
        "advertisement",
        "caption",
        "photo",
        "photos",
        "video",
        "videos",
        "replay",
        "transcript",
        "opinion",
        "poll",
        "slideshow",
    )
)


def _topics(description: Description) -> Iterable[_Candidate]:
    """Yield the phrases that name a topic: several words that recur or stand in the headline, a lone word that does more."""
    language = primary(description.language)
    headline = fold(description.headline)
    named = {part for name in description.names for part in (name.key, *name.key.split())}
    most = max((phrase.count for phrase in description.phrases), default=1)
    for phrase in description.phrases:
        folded = fold(phrase.words)
        if phrase.key in named or folded in named or all(part in named for part in folded.split()):
            continue
        if "." in phrase.words or folded in _FURNITURE or nation_of(phrase.words):
            continue
        is_lone = " " not in folded and not is_cjk(folded)
        heads = stands_in(description.headline, folded) if is_lone else folded in headline
        if phrase.count + 2 * heads < (LEAST_LONE_WORD if is_lone else LEAST_MENTIONS):
            continue
        if (is_lone or is_cjk(folded)) and phrase.count < 2:
            continue  # what a headline alone says may be its verb
        if is_topic(phrase.words, language, headline=description.headline) and not _is_of_the_press(
            phrase.words
        ):
            yield _of_phrase(phrase, description, 0.2 + 0.25 * heads + 0.4 * phrase.count / most)


@lru_cache(maxsize=1)
def _press() -> frozenset[str]:
    return frozenset(fold(spelling) for spellings in AGENCIES.values() for spelling in spellings)


def _is_of_the_press(label: str) -> bool:
    """Whether a name is that of an agency: a credit, or a report on a report."""
    return fold(label) in _press()


_PEOPLE = ("n", "an", "ian", "ese", "ish", "er", "isch", "ische", "ischen", "ischer")


def _is_people_of(key: str, others: Sequence[str]) -> bool:
    """Whether a name is the adjective of another one of the text, as "arvenian" is of "arvenia"."""
    if " " in key or not key.endswith(_PEOPLE):
        return False
    for other in others:
        stem = other[:-1] if other[-1:] in "aeiouy" else other
        if len(stem) < 4 or not key.startswith(stem):
            continue
        if key[len(stem) :] in _PEOPLE or (key.startswith(other) and key[len(other) :] in _PEOPLE):
            return True
    return False


def _of_phrase(phrase: Phrase, description: Description, weight: float) -> _Candidate:
    key = word_key(phrase.words, primary(description.language))
    return _Candidate(
        slug=slug_of(key),
        key=key,
        label=label_of(phrase.words),
        words=phrase.words,
        weight=min(1.0, weight),
        is_name=False,
        is_lone=" " not in key and not is_cjk(key),
        publisher_id=description.publisher_id,
        language=primary(description.language),
    )


@lru_cache(maxsize=100_000)
def _loose(key: str) -> str:
    """Return what "health care", "health-care", "healthcare" and "Republicans", "republican" have in common."""
    return "".join(word_key(word, "en") for word in _SLUG_GAP.split(key))


def _initials(key: str) -> str:
    """Return "irs" for "internal revenue service", "fbi" for "federal bureau of investigation", "" for one word."""
    words = [
        word
        for word in key.split()
        if word not in ("of", "the", "and", "for", "de", "du", "des", "del", "der")
    ]
    return "".join(word[0] for word in words) if len(words) > 1 else ""


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


def _balanced(accepted: Sequence[_Candidate]) -> list[_Candidate]:
    """Return at most six, in their order, names giving way to topics beyond the fourth."""
    topics = [c for c in accepted if not c.is_name]
    names = [c for c in accepted if c.is_name]
    room = max(MOST_NAMES, MOST_TAGS - len(topics))
    kept = {id(c) for c in [*names[:room], *topics]}
    return [c for c in accepted if id(c) in kept][:MOST_TAGS]


__all__ = ["MOST_TAGS", "Vocabulary", "candidates", "slug_of"]
