"""The fictional press as values: what its publishers have written, and what each shows at a moment.

    press = load_press(PRESS_FOLDER)
    editions = press.at(start, now)          # publisher id → the articles it shows, newest first

Pure apart from load_press, which reads the folder.  An article file is TOML front matter between +++ lines and then
paragraphs; README.md describes the format.  Times in it are offsets from `start`, the moment the demonstration begins.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

PRESS_FOLDER = Path(__file__).parent / "press"

LANGUAGES = ("en", "de", "ko")
FEED_KINDS = ("rss2", "rss2-content", "rss092", "rss1", "atom", "json", "gone", "throttled")
ACCESS = ("open", "paywall", "consent")
PAYWALL_AFTER = 2  # paragraphs
CHANGES = ("minor", "substantive")
ENTITY_KINDS = ("person", "organisation", "place", "work")

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
}
MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "de": (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
}


class PressError(ValueError):
    """Faults in the press's files; each names the file and the field."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


# ── the nouns ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Publisher:
    """A publisher with its house style; `dateline` and `article_path` are patterns for str.format."""

    id: str
    name: str
    tagline: str
    about: str
    language: str
    host: str
    port: int
    zone: timezone
    template: str
    feed: str
    feed_path: str
    feed_text: str
    max_age_s: int
    article_path: str
    dateline: str
    sections: tuple[str, ...]
    colours: Mapping[str, str]
    fonts: Mapping[str, str]
    robots: str
    charset: str = "utf-8"
    feed_query: str = ""
    feed_linked: str = "html"  # how the home page names its feed: html, header or no
    old_feed_paths: tuple[str, ...] = ()
    section_feeds: tuple[str, ...] = ()
    hub_path: str = ""
    audio: tuple[str, ...] = ()  # ids of the articles that have a sound file
    walls: tuple[str, ...] = ()  # what may stand in front of an article: paywall, consent


@dataclass(frozen=True, slots=True)
class Quote:
    speaker: str
    words: str


@dataclass(frozen=True, slots=True)
class Figure:
    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A change the publisher made at `at` (from the start): `replace` holds (old, new) pairs, applied in order."""

    at: timedelta
    change: str
    replace: tuple[tuple[str, str], ...]
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article as its file has it: before dates are filled in and revisions applied; `published` is from the start."""

    id: str
    story: str
    publisher: str
    published: timedelta
    headline: str
    paragraphs: tuple[str, ...]
    topics: tuple[str, ...]
    people: tuple[str, ...]
    places: tuple[str, ...]
    feed_headline: str | None = None
    standfirst: str | None = None
    byline: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    wire_copy_of: str | None = None
    access: str = "open"
    quotes: tuple[Quote, ...] = ()
    figures: tuple[Figure, ...] = ()
    revisions: tuple[Revision, ...] = ()
    path: str = ""  # at its publisher, with the query where the pattern has one

    @property
    def number(self) -> int:
        """The publisher's number of the article, six digits, the same for ever."""
        return 100_000 + zlib.crc32(self.id.encode()) % 900_000

    @property
    def open_paragraphs(self) -> int:
        """How many paragraphs its page shows to anybody."""
        return {"open": len(self.paragraphs), "paywall": PAYWALL_AFTER, "consent": 0}[self.access]


@dataclass(frozen=True, slots=True)
class Shown:
    """An article as its publisher shows it at a moment: dates filled in, revisions applied; times are UTC."""

    article: Article
    publisher: Publisher
    headline: str
    feed_headline: str
    standfirst: str | None
    paragraphs: tuple[str, ...]
    published_at: datetime
    modified_at: datetime
    revision: int  # 0 as first published
    corrections: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """What a feed or a front page says under the headline: the standfirst, else the lead."""
        return self.standfirst or self.paragraphs[0]


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something the press names, with the spellings of all its languages; `stories` in which they mean it."""

    id: str
    kind: str
    names: tuple[str, ...]
    stories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Press:
    """Every publisher, in the order of its file, every article, by id, and who is who."""

    publishers: Mapping[str, Publisher]
    articles: Mapping[str, Article]
    entities: tuple[Entity, ...] = ()
    _editions: dict[tuple[datetime, int], dict[str, tuple[Shown, ...]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def moments(self) -> list[timedelta]:
        """When anything is published or changed, from the start, in order."""
        return sorted(
            {a.published for a in self.articles.values()}
            | {r.at for a in self.articles.values() for r in a.revisions}
        )

    def at(self, start: datetime, now: datetime) -> Mapping[str, tuple[Shown, ...]]:
        """Return what each publisher shows at `now`, newest first, when the demonstration began at `start`."""
        elapsed = now - start
        key = (start, bisect_right(self.moments, elapsed))
        kept = self._editions.get(key)
        if kept is not None:
            return kept
        out: dict[str, list[Shown]] = {name: [] for name in self.publishers}
        for article in self.articles.values():
            if article.published <= elapsed:
                publisher = self.publishers[article.publisher]
                out[article.publisher].append(show(article, publisher, start=start, elapsed=elapsed))
        editions = {
            name: tuple(sorted(shown, key=lambda s: (s.published_at, s.article.id), reverse=True))
            for name, shown in out.items()
        }
        self._editions.clear()  # one edition at a time is enough: the clock only moves on
        self._editions[key] = editions
        return editions


def show(article: Article, publisher: Publisher, *, start: datetime, elapsed: timedelta) -> Shown:
    """Return an article as it stands `elapsed` after the start."""
    due = sorted((r for r in article.revisions if r.at <= elapsed), key=lambda r: r.at)
    published_at = (start + article.published).astimezone(UTC)
    day = text_day(article.published, start)

    def text(words: str) -> str:
        for revision in due:
            for old, new in revision.replace:
                words = words.replace(old, new)
        return fill_dates(words, day, publisher.language)

    return Shown(
        article=article,
        publisher=publisher,
        headline=text(article.headline),
        feed_headline=text(article.feed_headline or article.headline),
        standfirst=text(article.standfirst) if article.standfirst else None,
        paragraphs=tuple(text(p) for p in article.paragraphs),
        published_at=published_at,
        modified_at=(start + due[-1].at).astimezone(UTC) if due else published_at,
        revision=len(due),
        corrections=tuple(fill_dates(r.correction, day, publisher.language) for r in due if r.correction),
    )


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_PLACEHOLDER = re.compile(r"\{\{(weekday|date) (-?\d{1,3})\}\}")
_OFFSET = re.compile(r"([+-])\s*((?:\d+[dhm]\s*)+)")


def text_day(published: timedelta, start: datetime) -> date:
    """Return the day an article calls today: what {{weekday 0}} is.

    Counted as if the demonstration began at noon, so that publishers whose articles are hours apart name the same day for
    one event, whatever the hour of the start; half a day is taken off the start, so that it is never a day to come.
    """
    half = timedelta(hours=12)
    return (start.astimezone(UTC) - half).date() + timedelta(days=(published + half) // timedelta(days=1))


def fill_dates(words: str, day: date, language: str) -> str:
    """Return words with {{weekday N}} and {{date N}} written out, N days from `day`, as the language has them."""

    def written(found: re.Match[str]) -> str:
        then = day + timedelta(days=int(found[2]))
        return WEEKDAYS[language][then.weekday()] if found[1] == "weekday" else day_month(then, language)

    return _PLACEHOLDER.sub(written, words)


def day_month(day: date, language: str) -> str:
    """Return "12 November", "12. November" or "11월 12일"."""
    if language == "ko":
        return f"{day.month}월 {day.day}일"
    return f"{day.day}{'.' if language == 'de' else ''} {MONTHS[language][day.month - 1]}"


def offset(words: str) -> timedelta:
    """Return the time from the start that "-9d 4h" or "+6m" means.  Raises ValueError for anything else."""
    found = _OFFSET.fullmatch(words.strip())
    if not found:
        raise ValueError(f"{words!r} is not an offset such as '-9d 4h', '-10h' or '+6m'")
    units = {"d": "days", "h": "hours", "m": "minutes"}
    parts = {units[unit]: int(n) for n, unit in re.findall(r"(\d+)([dhm])", found[2])}
    return timedelta(**parts) * (-1 if found[1] == "-" else 1)


# ── reading the folder ───────────────────────────────────────────────────────────────────────────────────────────────


def load_press(folder: Path = PRESS_FOLDER) -> Press:
    """Return the press kept in a folder.  Raises PressError naming every file and field at fault."""
    faults: list[str] = []
    publishers: dict[str, Publisher] = {}
    articles: dict[str, Article] = {}
    table = folder / "publishers.toml"
    try:
        publishers = {p.id: p for p in read_publishers(table.read_text("utf-8"), name=table.name)}
    except PressError as exc:
        raise PressError([f"{table}: {fault}" for fault in exc.faults]) from exc
    for path in sorted(folder.glob("*/*.md")):
        name = f"{path.parent.name}/{path.name}"
        try:
            article = read_article(path.read_text("utf-8"), name=name, publishers=publishers)
        except PressError as exc:
            faults += exc.faults
            continue
        except UnicodeDecodeError as exc:
            faults.append(f"{name}: not UTF-8: {exc}")
            continue
        if article.id in articles:
            faults.append(f"{name}: id: {article.id!r} is also the id of another file")
        articles[article.id] = article
    faults += _clashes(articles.values())
    listed: list[Entity] = []
    if (who := folder / "entities.toml").exists():
        try:
            listed = read_entities(who.read_text("utf-8"), name=who.name)
        except PressError as exc:
            faults += exc.faults
    if faults:
        raise PressError(faults)
    return Press(publishers, articles, (*listed, *_unlisted(articles.values(), listed)))


def _unlisted(articles: Iterable[Article], listed: Iterable[Entity]) -> Iterator[Entity]:
    """Yield the people and places of articles' own lists that entities.toml does not have."""
    seen = {name for entity in listed for name in entity.names}
    for article in articles:
        for kind, names in (("person", article.people), ("place", article.places)):
            for name in names:
                if name not in seen:
                    seen.add(name)
                    yield Entity(name, kind, (name,))


def read_entities(toml: str, *, name: str) -> list[Entity]:
    """Return the entities of entities.toml.  Raises PressError."""
    try:
        tables = tomllib.loads(toml).get("entities", [])
    except tomllib.TOMLDecodeError as exc:
        raise PressError([f"{name}: {exc}"]) from exc
    faults: list[str] = []
    entities = []
    for number, table in enumerate(tables, start=1):
        fields = _Fields(table, f"{name}: entity {table.get('id') or table.get('names') or number}", faults)
        names = fields.texts("names")
        entities.append(
            Entity(
                id=fields.text("id", default="") or (names[0] if names else ""),
                kind=fields.choice("kind", ENTITY_KINDS),
                names=names,
                stories=fields.texts("stories", default=()),
            )
        )
        fields.refuse_others()
    if faults:
        raise PressError(faults)
    return entities


def _clashes(articles: Any) -> Iterator[str]:
    seen: dict[tuple[str, str], str] = {}
    for article in articles:
        for address in (article.path, str(article.number)):
            other = seen.setdefault((article.publisher, address), article.id)
            if other != article.id:
                yield f"{article.story}/{article.id}.md: headline: same address {address} as {other}; reword it"


def read_publishers(toml: str, *, name: str) -> list[Publisher]:
    """Return the publishers of publishers.toml.  Raises PressError."""
    try:
        tables = tomllib.loads(toml).get("publishers", [])
    except tomllib.TOMLDecodeError as exc:
        raise PressError([f"{name}: {exc}"]) from exc
    faults: list[str] = []
    publishers = []
    for number, table in enumerate(tables, start=1):
        fields = _Fields(table, f"{name}: publisher {table.get('id', number)}", faults)
        publishers.append(
            Publisher(
                id=fields.text("id"),
                name=fields.text("name"),
                tagline=fields.text("tagline"),
                about=fields.text("about"),
                language=fields.choice("language", LANGUAGES),
                host=fields.text("host"),
                port=fields.integer("port"),
                zone=fields.zone("utc_offset"),
                template=fields.text("template"),
                feed=fields.choice("feed", FEED_KINDS),
                feed_path=fields.text("feed_path"),
                feed_text=fields.choice("feed_text", ("summary", "full")),
                max_age_s=fields.integer("max_age_s"),
                article_path=fields.text("article_path"),
                dateline=fields.verbatim("dateline"),
                sections=fields.texts("sections"),
                colours=fields.table("colours", ("ink", "paper", "accent", "wash")),
                fonts=fields.table("fonts", ("head", "text")),
                robots=fields.text("robots"),
                charset=fields.text("charset", default="utf-8"),
                feed_query=fields.text("feed_query", default=""),
                feed_linked=fields.choice("feed_linked", ("html", "header", "no"), default="html"),
                old_feed_paths=fields.texts("old_feed_paths", default=()),
                section_feeds=fields.texts("section_feeds", default=()),
                hub_path=fields.text("hub_path", default=""),
                audio=fields.texts("audio", default=()),
                walls=fields.texts("walls", default=()),
            )
        )
        fields.refuse_others()
    for one in ("id", "host", "port"):
        values = [getattr(p, one) for p in publishers]
        faults += [
            f"{name}: {one}: {v!r} stands twice" for v in sorted({v for v in values if values.count(v) > 1})
        ]
    if faults:
        raise PressError(faults)
    return publishers


def read_article(text: str, *, name: str, publishers: Mapping[str, Publisher]) -> Article:
    """Return the article of one file; name is "STORY/ID.md".  Raises PressError naming it and every field at fault."""
    found = re.match(r"\ufeff?\+\+\+\r?\n(.*?)\r?\n\+\+\+[ \t]*(?:\r?\n|\Z)(.*)", text, flags=re.DOTALL)
    if not found:
        raise PressError(
            [f"{name}: front matter: the file must begin with a +++ line and close it with another"]
        )
    try:
        table = tomllib.loads(found[1])
    except tomllib.TOMLDecodeError as exc:
        raise PressError([f"{name}: front matter: {exc}"]) from exc
    faults: list[str] = []
    story, _, stem = name.removesuffix(".md").rpartition("/")
    fields = _Fields(table, name, faults)
    body = unicodedata.normalize("NFC", found[2])
    article = Article(
        id=fields.choice("id", (stem,)),
        story=fields.choice("story", (story,)),
        publisher=fields.choice("publisher", tuple(publishers)),
        published=fields.offset("published"),
        headline=fields.text("headline"),
        feed_headline=fields.text("feed_headline", default=None),
        standfirst=fields.text("standfirst", default=None),
        byline=fields.texts("byline", default=()),
        dateline=fields.text("dateline", default=None),
        section=fields.text("section", default=None),
        wire_copy_of=fields.text("wire_copy_of", default=None),
        access=fields.choice("access", ACCESS, default="open"),
        topics=fields.texts("topics"),
        people=fields.texts("people", default=()),
        places=fields.texts("places", default=()),
        quotes=tuple(Quote(q.text("speaker"), q.text("words")) for q in fields.tables("quotes")),
        figures=tuple(Figure(f.text("what"), f.text("value")) for f in fields.tables("figures")),
        revisions=tuple(
            Revision(
                r.offset("at"),
                r.choice("change", CHANGES),
                r.pairs("replace"),
                r.text("correction", default=None),
            )
            for r in fields.tables("revisions")
        ),
        paragraphs=tuple(" ".join(p.split()) for p in re.split(r"\n\s*\n", body) if p.strip()),
    )
    fields.refuse_others()
    if not article.paragraphs:
        faults.append(f"{name}: body: there is none")
    if "topics" in table and not 2 <= len(article.topics) <= 6:
        faults.append(f"{name}: topics: {len(article.topics)} of them; 2 to 6 are wanted")
    for revision in article.revisions:
        if revision.at <= article.published:
            faults.append(f"{name}: revisions: one at or before the publication")
    for stray in re.findall(r"\{\{.*?\}\}|\{\{|\}\}", _PLACEHOLDER.sub("", text)):
        faults.append(f"{name}: body: {stray!r} is neither {{{{weekday N}}}} nor {{{{date N}}}}")
    if faults:
        raise PressError(faults)
    return with_path(article, publishers[article.publisher])


def with_path(article: Article, publisher: Publisher) -> Article:
    """Return the article with its path at the publisher, made from the headline it was first published under."""
    path = publisher.article_path.format(
        number=article.number,
        slug=slug(_PLACEHOLDER.sub("", article.headline)) or str(article.number),
        section=slug(article.section or "") or "news",
    )
    return replace(article, path=path)


def slug(words: str) -> str:
    """Return words as they stand in an address: lower-case ASCII joined by hyphens, eight words at most."""
    words = words.lower().replace("ß", "ss").replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    plain = unicodedata.normalize("NFKD", re.sub(r"['’]", "", words)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:8])


_REQUIRED: Any = object()


class _Fields:
    """One TOML table read field by field; what is wrong is noted with the place, and reading goes on."""

    def __init__(self, table: dict[str, Any], where: str, faults: list[str]) -> None:
        self.given = table
        self.where = where
        self.faults = faults
        self.read: set[str] = set()
        self.wrong: set[str] = set()

    def text(self, key: str, *, default: Any = _REQUIRED) -> Any:
        value = self._value(key, default)
        if (value is not default or default is _REQUIRED) and not (isinstance(value, str) and value.strip()):
            return self._wrong(key, "must be a text that is not empty", "")
        return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else value

    def verbatim(self, key: str) -> str:
        """A text whose spaces at the ends count."""
        value = self._value(key, _REQUIRED)
        return value if isinstance(value, str) else self._wrong(key, "must be a text", "")

    def integer(self, key: str) -> int:
        value = self._value(key, _REQUIRED)
        return value if type(value) is int else self._wrong(key, "must be a whole number", 0)

    def choice(self, key: str, choices: tuple[str, ...], *, default: Any = _REQUIRED) -> Any:
        value = self._value(key, default)
        if (value is default and default is not _REQUIRED) or value in choices:
            return value
        known = " or ".join(map(repr, choices))
        return self._wrong(key, f"{value!r} is not {known}", choices[0] if choices else "")

    def texts(self, key: str, *, default: Any = _REQUIRED) -> tuple[str, ...]:
        value = self._value(key, default)
        if value is default and default is not _REQUIRED:
            return tuple(default)
        if not (isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)):
            return self._wrong(key, "must be a list of texts", ())
        return tuple(unicodedata.normalize("NFC", v.strip()) for v in value)

    def offset(self, key: str) -> timedelta:
        value = self._value(key, _REQUIRED)
        try:
            return offset(value)
        except (ValueError, AttributeError, OverflowError):
            return self._wrong(key, f"{value!r} is not an offset such as '-9d 4h' or '+6m'", timedelta())

    def zone(self, key: str) -> timezone:
        value = self._value(key, _REQUIRED)
        found = re.fullmatch(r"([+-])(\d\d):(\d\d)", value) if isinstance(value, str) else None
        if not found:
            return self._wrong(key, "must be an offset such as '+01:00'", UTC)
        shift = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-shift if found[1] == "-" else shift)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        value = self._value(key, _REQUIRED)
        good = isinstance(value, list) and all(
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(s, str) for s in pair) and pair[0]
            for pair in value
        )
        if not good or not value:
            return self._wrong(key, "must be a list of [old, new] pairs", ())
        return tuple(
            (unicodedata.normalize("NFC", old), unicodedata.normalize("NFC", new)) for old, new in value
        )

    def tables(self, key: str) -> Iterator[_Fields]:
        for number, table in enumerate(self._value(key, [])):
            fields = _Fields(
                table if isinstance(table, dict) else {}, f"{self.where}: {key} {number + 1}", self.faults
            )
            yield fields
            fields.refuse_others()

    def table(self, key: str, keys: tuple[str, ...]) -> Mapping[str, str]:
        value = self._value(key, _REQUIRED)
        if not (isinstance(value, dict) and set(value) == set(keys)):
            return self._wrong(key, f"must be a table of {', '.join(keys)}", dict.fromkeys(keys, ""))
        return dict(value)

    def refuse_others(self) -> None:
        for key in sorted(set(self.given) - self.read):
            self._wrong(key, "is no field here", None)

    def _value(self, key: str, default: Any) -> Any:
        self.read.add(key)
        if key not in self.given and default is _REQUIRED:
            return self._wrong(key, "is missing", _REQUIRED)
        return self.given.get(key, default)

    def _wrong(self, key: str, why: str, instead: T) -> T:
        if key not in self.wrong:  # the first thing wrong with a field is the one to mend
            self.faults.append(f"{self.where}: {key}: {why}")
        self.wrong.add(key)
        return instead
