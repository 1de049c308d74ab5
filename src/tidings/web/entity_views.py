"""What the pages of entities show: plain frozen views for HTML and JSON (see present.py), a chart and a map among them.

Charts and maps come as numbers on a grid; the template draws them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from babel import Locale

from tidings.model import EntityCard, EntityKind, EntityView, Listed, NamedIn, Occurrence, Place
from tidings.web import words
from tidings.web.present import (
    ArticleRow,
    Link,
    ListPage,
    Moment,
    Presenter,
    StoryRow,
    older_href,
    publisher_href,
    runs,
)

KIND_NAMES: Mapping[EntityKind, str] = {
    "person": "person",
    "organisation": "organisation",
    "place": "place",
    "work": "work",
}
KIND_PLURALS: Mapping[EntityKind, str] = {
    "person": "People",
    "organisation": "Organisations",
    "place": "Places",
    "work": "Works",
}
DAYS_BY_DAY = 45  # a longer past is shown by weeks
LEAST_BARS = 14
MOST_BARS = 60
CHART_HEIGHT = 60


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity in a list: `note` says what it is, in words."""

    id: int
    label: str
    href: str
    kind: str
    note: str
    counted: str
    article_count: int
    recent_count: int
    last: Moment | None


@dataclass(frozen=True, slots=True)
class NamedRow:
    """An entity as an article names it; `words` are its spellings there, verbatim."""

    entity: EntityRow
    words: tuple[str, ...]
    count: int
    in_headline: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One day or week of the chart: `height` 0 to CHART_HEIGHT."""

    label: str
    count: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    unit: str  # "day" or "week"
    bars: tuple[Bar, ...]
    first: str
    last: str
    most: int
    words: str


@dataclass(frozen=True, slots=True)
class Located:
    """Where a place lies: degrees, and x and y on a map of 360 × 180."""

    name: str
    country: str
    latitude: float
    longitude: float
    words: str
    x: float
    y: float
    sort: str
    geonames_href: str


@dataclass(frozen=True, slots=True)
class AliasRow:
    spelling: str
    key: str
    given: bool
    counted: str


@dataclass(frozen=True, slots=True)
class EditRow:
    id: int
    words: str
    at: Moment
    undone: bool


@dataclass(frozen=True, slots=True)
class SaidRow:
    """What one article says of it: sentences in (text, is it the name) runs."""

    article: ArticleRow
    sentences: tuple[tuple[tuple[str, bool], ...], ...]


@dataclass(frozen=True, slots=True)
class EntityPage:
    entity: EntityRow
    aliases: tuple[AliasRow, ...]
    namesakes: tuple[EntityRow, ...]
    located: Located | None
    chart: Chart | None
    publishers: tuple[tuple[Link, str], ...]
    beside: tuple[tuple[EntityRow, str], ...]
    stories: tuple[StoryRow, ...]
    said: tuple[SaidRow, ...]
    older_href: str | None
    edits: tuple[EditRow, ...]  # none for readers who are not the operator


def entity_href(entity_id: int, label: str) -> str:
    return f"/entity/{entity_id}/{quote(words.slug(label))}"


def entity_row(present: Presenter, card: EntityCard) -> EntityRow:
    return EntityRow(
        id=card.id,
        label=card.label,
        href=entity_href(card.id, card.label),
        kind=card.kind,
        note=_note(card),
        counted=words.counted(card.article_count, "article", spell=False),
        article_count=card.article_count,
        recent_count=card.recent_count,
        last=present.moment(card.last_at) if card.last_at else None,
    )


def _note(card: EntityCard) -> str:
    """Return what an entity is in a few words: "person, named as minister", "city in South Korea"."""
    if card.place is not None:
        country = _country(card.place.country)
        return {"country": "country", "region": f"region of {country}", "city": f"city in {country}"}[
            card.place.sort
        ]
    if card.roles:
        return f"{KIND_NAMES[card.kind]}, named as {card.roles[0]}"
    return KIND_NAMES[card.kind]


def _country(code: str) -> str:
    return str(Locale("en").territories.get(code, code))


def named_rows(present: Presenter, named: Sequence[NamedIn]) -> tuple[NamedRow, ...]:
    return tuple(NamedRow(entity_row(present, n.card), n.words, n.count, n.in_headline) for n in named)


def entity_list(
    present: Presenter, listed: Listed[EntityCard], path: str, parameters: Mapping[str, str]
) -> ListPage:
    rows = tuple(entity_row(present, card) for card in listed.rows)
    return ListPage(rows, older_href(path, listed.next_key, parameters))


def entity_page(
    present: Presenter, view: EntityView, occurrences: Sequence[Occurrence], *, is_operator: bool
) -> EntityPage:
    entity = entity_row(present, view.card)
    return EntityPage(
        entity=entity,
        aliases=tuple(
            AliasRow(a.spelling, a.key, a.given, words.counted(a.article_count, "article", spell=False))
            for a in view.aliases
        ),
        namesakes=tuple(entity_row(present, card) for card in view.namesakes),
        located=_located(view.card.place) if view.card.place else None,
        chart=chart_of(view.by_day, present.now.date()),
        publishers=tuple(
            (Link(p.name, publisher_href(p)), words.counted(n, "article", spell=False))
            for p, n in view.by_publisher
        ),
        beside=tuple(
            (entity_row(present, card), words.counted(n, "article", spell=False)) for card, n in view.beside
        ),
        stories=tuple(present.story_row(card) for card in view.stories),
        said=tuple(
            SaidRow(present.row(o.card), tuple(runs(sentence, spans) for sentence, spans in o.sentences))
            for o in occurrences
        ),
        older_href=older_href(entity.href, view.articles.next_key),
        edits=tuple(
            EditRow(e.id, _edit_words(e.sort, e.words), present.moment(e.at), e.undone_at is not None)
            for e in view.edits
        )
        if is_operator
        else (),
    )


def _edit_words(sort: str, name: str) -> str:
    return {
        "add alias": f"“{name}” was added to its names",
        "remove alias": f"“{name}” was taken off its names",
        "merge": f"“{name}” was merged into it",
    }[sort]


def _located(place: Place) -> Located:
    north, east = place.latitude >= 0, place.longitude >= 0
    return Located(
        name=place.name,
        country=_country(place.country),
        latitude=place.latitude,
        longitude=place.longitude,
        words=f"{abs(place.latitude):.1f}° {'N' if north else 'S'}, {abs(place.longitude):.1f}° {'E' if east else 'W'}",
        x=round(place.longitude + 180, 1),
        y=round(90 - place.latitude, 1),
        sort=place.sort,
        geonames_href=f"https://www.geonames.org/{place.geoname_id}",
    )


def chart_of(by_day: Sequence[tuple[date, int]], today: date) -> Chart | None:
    """Return the articles by day, by week where they go far back; None when there are none."""
    if not by_day:
        return None
    last = max(today, by_day[-1][0])
    by_weeks = (last - by_day[0][0]).days >= DAYS_BY_DAY
    step = 7 if by_weeks else 1
    bars = min(MOST_BARS, max(LEAST_BARS, (last - by_day[0][0]).days // step + 1))
    first = last - timedelta(days=step * bars - 1)
    counts = [0] * bars
    for day, count in by_day:
        if day >= first:
            counts[(day - first).days // step] += count
    most = max(counts)
    if not most:
        return None
    starts = [first + timedelta(days=step * i) for i in range(bars)]
    unit = "week" if by_weeks else "day"
    return Chart(
        unit=unit,
        bars=tuple(
            Bar(
                f"{'week from ' if by_weeks else ''}{start:%-d %B %Y}: {words.counted(count, 'article', spell=False)}",
                count,
                max(2, round(CHART_HEIGHT * count / most)) if count else 0,
            )
            for start, count in zip(starts, counts, strict=True)
        ),
        first=f"{starts[0]:%-d %b %Y}",
        last=f"{last:%-d %b %Y}",
        most=most,
        words=f"{words.counted(sum(counts), 'article', spell=False)} in {bars} {unit}s, at most {most} in one {unit}",
    )
