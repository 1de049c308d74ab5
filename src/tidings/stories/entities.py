"""Who is who: the names of articles linked to entities, made online by the one writer of stories, batch by batch.

A name is linked to the entity that has it among its spellings, and makes a new one when none has.  Some names need more:

- A bare surname means the person of that name in the same story, when there is just one; else nobody.
- A name in another script means the entity of the same story that sounds like it ("윤서진", "Yun Seo-jin").
- A person whose name is known stays another person when their walks of life are far apart (a minister, a winger) and nobody is
  named beside both, even within one story; where several remain possible the name is linked to none of them.
- Bodies that every country has ("Foreign Ministry") are nobody in particular without the country's name.

A wrong link is worse than a missing one: what is in doubt is left out.  The same calls with the same values give the same plan.
"""

# ruff: noqa: SIM905  (word lists read better as text)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from tidings.model import (
    Description,
    EntityKind,
    EntityMention,
    EntityPlan,
    KnownEntities,
    KnownEntity,
    Name,
    NewEntity,
    Place,
    Plan,
)
from tidings.stories.hashtags import nation_label, spoken
from tidings.stories.kinds import BODY_WORDS, UNIONS, field_of
from tidings.stories.names import name_key
from tidings.stories.nations import is_adjective, nation_of
from tidings.stories.places import countries_named, geocode
from tidings.stories.rarity import word_zipf
from tidings.stories.readings import sound_alike
from tidings.text import is_cjk, sentences

MADE_BY = "entities/1"
LONGEST_LABEL = 80
_FAR_FIELDS = frozenset(
    ("sport", "arts")
)  # walks of life that few politicians, judges and managers come from
_EVERYWHERE = frozenset(
    """foreign interior justice finance defence defense health education trade labour labor agriculture environment energy
    transport culture supreme high appeals district federal city national central constitutional state public local general
    joint security human state's attorney prosecutor's prosecutors first civil criminal county municipal the of and""".split()
)
_NOBODY = frozenset(
    """republican republicans democrat democrats democratic african american african-american photos video constitution
    congressional presidential supreme federal internet""".split()
) | {"african american", "african americans"}
_SHIPS = frozenset("mv ms ss hms uss rms".split())
_ENDINGS = (
    "ien",
    "ia",
    "ie",
    "en",
    "ya",
    "a",
    "e",
)  # how languages end the names of countries: Slowenien, Slovenia


@dataclass(slots=True)
class _Entity:
    """An entity while a batch is linked; `learned` are the spellings found in this batch, by key."""

    id: int
    label: str
    kind: EntityKind
    keys: set[str]
    given: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    story_ids: set[int] = field(default_factory=set)
    company: set[int] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    place: Place | None = None
    language: str | None = None
    is_new: bool = True
    learned: dict[str, str] = field(default_factory=dict)
    found_place: bool = False


class _Registry:
    """The entities a batch may mean, by spelling and by story."""

    def __init__(self, known: KnownEntities, merged: Mapping[int, int]) -> None:
        self._free_ids = list(reversed(known.free_ids))
        self.by_key: dict[str, list[_Entity]] = {}
        self.by_story: dict[int, dict[int, _Entity]] = {}
        self.all: dict[int, _Entity] = {}
        for entity in known.entities:
            self._take_in(_opened(entity, merged))

    def _take_in(self, entity: _Entity) -> None:
        self.all[entity.id] = entity
        for key in entity.keys:
            self.by_key.setdefault(key, []).append(entity)
        for story_id in entity.story_ids:
            self.by_story.setdefault(story_id, {})[entity.id] = entity

    def make(self, name: Name, kind: EntityKind, language: str | None, place: Place | None) -> _Entity | None:
        """Return a new entity, None when no id is left: then a later article that has the name makes it."""
        if not self._free_ids:
            return None
        label = nation_label(name.key) or spoken(name.label)
        entity = _Entity(self._free_ids.pop(), label, kind, set(), language=language, place=place)
        self._take_in(entity)
        return entity

    def learn(self, entity: _Entity, key: str, spelling: str, story_id: int) -> None:
        if key not in entity.keys and key not in entity.refused:
            entity.keys.add(key)
            entity.learned[key] = spelling
            self.by_key.setdefault(key, []).append(entity)
        entity.story_ids.add(story_id)
        self.by_story.setdefault(story_id, {})[entity.id] = entity


def _opened(known: KnownEntity, merged: Mapping[int, int]) -> _Entity:
    return _Entity(
        id=known.id,
        label=known.label,
        kind=known.kind,
        keys=set(known.aliases),
        given=known.given,
        refused=known.refused,
        story_ids={merged.get(story_id, story_id) for story_id in known.story_ids},
        company=set(known.company),
        roles=set(known.roles),
        place=known.place,
        is_new=False,
    )


def link(batch: Sequence[Description], plan: Plan, known: KnownEntities) -> EntityPlan:
    """Return who is named in the articles of a batch, taken in its order.

    plan: where they were placed; known: the entities that have a spelling in the batch (keys_of) or a mention in its stories
    (stories_of).
    """
    into = {merge.from_id: merge.into_id for merge in plan.merges}
    stories = {placement.article_id: placement.story_id for placement in plan.placements}
    registry = _Registry(known, into)
    mentions = {
        description.article_id: _linked(
            description, stories.get(description.article_id, description.article_id), registry
        )
        for description in batch
    }
    used = {mention.entity_id for found in mentions.values() for mention in found}
    return EntityPlan(
        new=tuple(
            NewEntity(
                e.id, e.label, e.kind, e.language, dict(e.learned), e.place, nation_of(e.label) is not None
            )
            for e in registry.all.values()
            if e.is_new and e.id in used
        ),
        aliases={e.id: dict(e.learned) for e in registry.all.values() if e.learned and not e.is_new},
        places={e.id: e.place for e in registry.all.values() if e.found_place and e.place and not e.is_new},
        mentions=mentions,
        made_by=MADE_BY,
    )


def keys_of(batch: Iterable[Description]) -> set[str]:
    """Return the name keys under which the entities of a batch may be known already."""
    return {key for description in batch for name in description.names for key in _keys(name) if key}


def stories_of(plan: Plan) -> set[int]:
    """Return the stories, merged ones included, whose entities may be meant by what a plan places."""
    return {p.story_id for p in plan.placements} | {m.from_id for m in plan.merges}


def _keys(name: Name) -> dict[str, str]:
    """Return the spellings of a name that can stand for it alone, by key: "Cho Tae-yul" and "조태열", not "Cho"."""
    spellings = {name.key: name.label}
    first, _, rest = name.key.partition(" ")
    if first in _SHIPS and rest:
        spellings[rest] = name.label.partition(" ")[2]
    for form in name.forms:
        key = name_key(form)
        if " " in key or is_cjk(form) or nation_of(form) or (form.isupper() and len(form) > 2):
            spellings.setdefault(key, form)
    return spellings


# ── one article ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _linked(description: Description, story_id: int, registry: _Registry) -> tuple[EntityMention, ...]:
    names = [name for name in description.names if _may_be_entity(name)]
    countries = countries_named(name.key for name in names)
    chosen: dict[int, list[tuple[Name, Mapping[str, str]]]] = {}
    company: set[int] = set()
    lone: list[Name] = []
    here = {name.key for name in names}
    # What is not a person first: a person is known by the company kept.
    for name in sorted(names, key=lambda name: name.kind == "person"):
        if _is_of_a_place(name, here, registry):
            continue
        if _is_bare_surname(name, registry) or _is_rather_a_surname(name, story_id, countries, registry):
            lone.append(name)
            continue
        entity = _resolved(name, description, story_id, company, countries, registry)
        if entity is None:
            continue
        keys = {key: words for key, words in _keys(name).items() if key not in entity.refused}
        for key, words in keys.items():
            registry.learn(entity, key, words, story_id)
        chosen.setdefault(entity.id, []).append((name, keys))
        if entity.kind in ("person", "organisation") and not nation_of(entity.label):
            company.add(entity.id)
    for name in lone:
        bearer = _bearer(name, story_id, registry)
        if bearer is not None:
            chosen.setdefault(bearer.id, []).append((name, {}))
        elif name.kind is None and (entity := _heard(name, _keys(name), story_id, registry)) is not None:
            registry.learn(entity, name.key, name.label, story_id)
            chosen.setdefault(entity.id, []).append((name, {name.key: name.label}))
    for entity_id, found in chosen.items():
        entity = registry.all[entity_id]
        entity.company |= company - {entity_id}
        entity.roles.update(role for name, _ in found for role in name.roles)
    found_mentions = [_mention(registry.all[i], found) for i, found in chosen.items()]
    return tuple(sorted(found_mentions, key=lambda m: (not m.in_headline, -m.count, m.entity_id)))


def _may_be_entity(name: Name) -> bool:
    if name.key in _NOBODY:
        return False
    words = name.key.split()
    is_general = (
        len(words) > 1 and words[-1] in BODY_WORDS and all(word in _EVERYWHERE for word in words[:-1])
    )
    if is_cjk(name.label) and name.kind == "organisation" and word_zipf(name.key, "ko") >= _GENERAL_ZIPF:
        return False  # 외교부: a foreign ministry, of which country the word does not say
    return 1 < len(name.key) <= LONGEST_LABEL and not is_general and not is_adjective(name.label)


_GENERAL_ZIPF = 3.0


def _is_of_a_place(name: Name, here: Set[str], registry: _Registry) -> bool:
    """Whether a word is a place's adjective or people: "Arvenian" where Arvenia is known."""
    if " " in name.key or name.kind not in ("place", None) or nation_of(name.label):
        return False
    places = [name.key.removesuffix(ending) for ending in _PEOPLES if name.key.endswith(ending)]
    return any(
        len(place) > 3 and (place in here or any(e.kind == "place" for e in registry.by_key.get(place, ())))
        for place in places
    )


_PEOPLES = ("n", "ns", "an", "ans", "ian", "ians", "ese", "ish", "er")


def _is_bare_surname(name: Name, registry: _Registry) -> bool:
    """Whether a name is one word that could be somebody's family name, and not a place, body or work by that very name."""
    if " " in name.key or nation_of(name.label) or (is_cjk(name.label) and len(name.key) > 2):
        return False
    if any(name.key in entity.given for entity in registry.by_key.get(name.key, ())):
        return False
    if name.kind == "person":
        return True
    return name.kind is None and not any(e.kind != "person" for e in registry.by_key.get(name.key, ()))


def _is_rather_a_surname(name: Name, story_id: int, countries: frozenset[str], registry: _Registry) -> bool:
    """Whether one word taken for a place or a body is the family name of somebody in the story, and no place of the gazetteer."""
    if " " in name.key or name.kind not in ("place", "organisation") or name.label.isupper():
        return False
    if nation_of(name.label) or is_cjk(name.label):
        return False
    if any(e.kind == name.kind for e in registry.by_key.get(name.key, ())):
        return False
    return geocode(name.label, countries=countries) is None and _bearer(name, story_id, registry) is not None


def _bearer(name: Name, story_id: int, registry: _Registry) -> _Entity | None:
    """Return the one person of a story who has this family name, None when there is none or more than one."""
    bearers = [
        entity
        for entity in registry.by_story.get(story_id, {}).values()
        if entity.kind == "person"
        and name.key not in entity.refused
        and any(name.key in (key.split()[-1], _family_name(key)) for key in entity.keys if " " in key)
    ]
    return bearers[0] if len(bearers) == 1 else None


def _family_name(key: str) -> str:
    """Return the first of two words when the second is written as Korean given names are: "cho tae-yul"."""
    first, _, rest = key.partition(" ")
    return first if "-" in rest and " " not in rest and len(first) <= 5 else key.split()[-1]


def _mention(entity: _Entity, found: Sequence[tuple[Name, Mapping[str, str]]]) -> EntityMention:
    names = [name for name, _ in found]
    kinds = Counter(name.kind for name in names if name.kind is not None)
    spellings = dict.fromkeys(words for name in names for words in (name.label, *name.forms))
    return EntityMention(
        entity_id=entity.id,
        kind=kinds.most_common(1)[0][0] if kinds else entity.kind,
        words=tuple(spellings),
        keys=tuple(dict.fromkeys(key for _, keys in found for key in keys)),
        count=sum(name.count for name in names),
        in_headline=any(name.in_headline for name in names),
        roles=tuple(dict.fromkeys(role for name in names for role in name.roles)),
    )


# ── one name ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _resolved(
    name: Name,
    description: Description,
    story_id: int,
    company: Set[int],
    countries: frozenset[str],
    registry: _Registry,
) -> _Entity | None:
    """Return the entity a name means, made if need be; None when that cannot be told."""
    keys = _keys(name)
    named = {e.id: e for key in keys for e in registry.by_key.get(key, ()) if key not in e.refused}
    given = [e for e in named.values() if e.given & keys.keys()]
    place = _place_of(name, keys.values(), countries)
    candidates = given or [e for e in named.values() if _fits(name, e) and not _is_elsewhere(place, e)]
    apart = [e for e in candidates if name.kind == "person" and _is_namesake(name, e, company)]
    candidates = [e for e in candidates if e not in apart]
    if len(candidates) > 1:
        return _likeliest(name, candidates, story_id, company)
    if candidates:
        entity = candidates[0]
        if place is not None and entity.place is None and entity.kind == "place":
            entity.place, entity.found_place = place, True
        return entity
    if apart and not name.roles:
        return None
    alike = _heard(name, keys, story_id, registry)
    if alike is not None:
        return alike
    kind = _kind_of_new(name, place)
    if kind is None:
        return None
    return registry.make(name, kind, description.language, place if kind == "place" else None)


def _fits(name: Name, entity: _Entity) -> bool:
    """Whether a name of one word is of the entity's kind; longer names are told apart by their words."""
    if name.kind is None or " " in name.key or name.kind == entity.kind:
        return True
    return "person" not in (name.kind, entity.kind) or (is_cjk(name.label) and not name.roles)


def _place_of(name: Name, spellings: Iterable[str], countries: frozenset[str]) -> Place | None:
    if name.kind not in ("place", None) or name.key in UNIONS:
        return None
    for spelling in spellings:
        if (place := geocode(spelling, countries=countries)) is not None:
            return place
    return None


def _is_elsewhere(place: Place | None, entity: _Entity) -> bool:
    """Whether both have their place and these are two: Cambridge and Cambridge."""
    return place is not None and entity.place is not None and place.geoname_id != entity.place.geoname_id


def _is_namesake(name: Name, entity: _Entity, company: Set[int]) -> bool:
    """Whether another person of this name is meant: of a far walk of life, in other company.

    That both stand in one story says nothing: their name alone may have brought the two stories together.
    """
    if company & entity.company:
        return False
    ours, theirs = _fields(name.roles), _fields(entity.roles)
    return bool(ours and theirs and not ours & theirs and (ours | theirs) & _FAR_FIELDS)


def _fields(roles: Iterable[str]) -> set[str]:
    return {found for role in roles if (found := field_of(role)) is not None}


def _likeliest(name: Name, candidates: Sequence[_Entity], story_id: int, company: Set[int]) -> _Entity | None:
    """Return the one that the story, the company and the walk of life point to; None when they do not point to one."""

    def evidence(entity: _Entity) -> int:
        return (
            4 * (story_id in entity.story_ids)
            + min(3, len(company & entity.company))
            + bool(_fields(name.roles) & _fields(entity.roles))
            + (name.kind == entity.kind)
        )

    ranked = sorted(candidates, key=lambda entity: (-evidence(entity), entity.id))
    return ranked[0] if evidence(ranked[0]) > evidence(ranked[1]) else None


def _heard(name: Name, keys: Mapping[str, str], story_id: int, registry: _Registry) -> _Entity | None:
    """Return the one entity of the same story that is this name in another script or language."""
    alike = [
        entity
        for entity in registry.by_story.get(story_id, {}).values()
        if name.kind in (None, entity.kind)
        and not keys.keys() & entity.refused
        and any(_is_same_abroad(key, theirs, entity) for key in keys for theirs in entity.keys)
    ]
    return alike[0] if len(alike) == 1 else None


def _is_same_abroad(key: str, other: str, entity: _Entity) -> bool:
    if sound_alike(key, other):
        return True
    if entity.kind != "place" or " " in key or " " in other or is_cjk(key) or key == other:
        return False
    return len(_stem(key)) > 3 and _stem(key) == _stem(other)


def _stem(key: str) -> str:
    ending = next((ending for ending in _ENDINGS if key.endswith(ending)), "")
    return key.removesuffix(ending)


def _kind_of_new(name: Name, place: Place | None) -> EntityKind | None:
    """Return the kind of the entity that a name makes, None when it makes none."""
    if name.kind is None:
        return None
    words = name.key.split()
    if name.kind == "person" and len(words) == 1 and not is_cjk(name.label):
        return None
    if len(words) == 1 and len(name.key) < 3 and not nation_of(name.label) and not is_cjk(name.label):
        return None
    return "place" if place is not None and name.kind == "place" else name.kind


# ── what a text says of an entity ────────────────────────────────────────────────────────────────────────────────────


def sentences_naming(
    paragraphs: Sequence[str], words: Sequence[str], language: str | None, *, most: int = 3
) -> tuple[tuple[str, tuple[tuple[int, int], ...]], ...]:
    """Return the first sentences of a text that have one of these spellings, verbatim, each with where they stand in it."""
    spellings = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    if not spellings:
        return ()
    pattern = re.compile("|".join(_bounded(word) for word in spellings))
    found: list[tuple[str, tuple[tuple[int, int], ...]]] = []
    for paragraph in paragraphs:
        if not pattern.search(paragraph):
            continue
        for whole in sentences(paragraph, language):
            sentence = whole.lstrip("–—- ")  # what parted it from its dateline
            if spans := tuple(match.span() for match in pattern.finditer(sentence)):
                found.append((sentence, spans))
                if len(found) == most:
                    return tuple(found)
    return tuple(found)


def _bounded(word: str) -> str:
    """Return a pattern for a whole word; Korean and Chinese add to theirs without a blank."""
    return re.escape(word) if is_cjk(word) else rf"(?<!\w){re.escape(word)}(?!\w)"
