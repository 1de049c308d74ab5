"""Everything an article's text holds to be cited: quotes, figures, times and the date of its event, in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from tidings.model import Article, Facts, Name
from tidings.stories.figures import figures_in
from tidings.stories.quotes import quotes_in
from tidings.stories.rarity import primary
from tidings.stories.times import day_of_dateline, event_of, times_in
from tidings.text import cut_paragraphs

MADE_BY = "facts/1"
READ_PARAGRAPHS = 300
READ_CHARACTERS = 30_000
_SPREAD = frozenset(("en", "es", "pt", "fr", "ar"))  # languages that do not tell the country


def facts_of(article: Article, *, names: Iterable[Name] = (), language: str | None = None) -> Facts:
    """Return what an article's text holds to be cited; names and language are those of its description.

    Times are reckoned from the day of publication where the publisher is, or from the dateline's.  Cost: 5 ms of one core
    for an article of 850 words, of which quotes take three.
    """
    extract = article.extract
    paragraphs = cut_paragraphs(extract.paragraphs, most=READ_PARAGRAPHS, characters=READ_CHARACTERS)
    language = extract.language or language
    today = article.at.astimezone(zone_of(article.publisher.site_url, language, article.at)).date()
    today = day_of_dateline(extract.dateline, language, today=today)
    quotes = quotes_in(paragraphs, language, names=names)
    times = times_in(paragraphs, language, today=today, dateline=extract.dateline)
    return Facts(
        article_id=article.id,
        text_digest=article.text_digest,
        quotes=quotes,
        figures=figures_in(paragraphs, language, times=times),
        times=times,
        event=event_of(times, paragraphs, language, today=today, quotes=quotes, dateline=extract.dateline),
        made_by=MADE_BY,
    )


def zone_of(site_url: str | None, language: str | None, at: datetime) -> tzinfo:
    """Return the time zone of a publisher: that of its site's country, else of its language's, where one hour holds there.

    UTC where neither tells, or the country has several hours (or this machine no table of zones).
    """
    host = urlsplit(site_url or "").hostname or ""
    ending = host.rpartition(".")[2].upper()
    code = primary(language)
    country = {"UK": "GB", "EU": ""}.get(ending, ending if len(ending) == 2 and ending.isalpha() else "")
    if not country and code not in _SPREAD:
        country = str(get_global("likely_subtags").get(code, "")).rpartition("_")[2]
    zones = _zones(country)
    offsets = {at.astimezone(zone).utcoffset() for zone in zones}
    return zones[0] if len(offsets) == 1 else UTC


@lru_cache(maxsize=300)
def _zones(country: str) -> tuple[tzinfo, ...]:
    try:
        return tuple(ZoneInfo(name) for name in get_global("territory_zones").get(country, ()))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ()
