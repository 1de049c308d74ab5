"""How a query is read before anything is looked up: filters by name and dates in words become filters, the rest is words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tidings.model import Period, Publisher, SearchQuery, Understood
from tidings.store.periods import period_in
from tidings.store.wording import (
    QUERY_CHARS,
    Wording,
    filters_in,
    is_question,
    slug_of,
    without_filter,
    wording_of,
)
from tidings.text import fold


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was read."""

    typed: str
    query: SearchQuery  # with the filters that its words say, its text without them
    wording: Wording
    understood: tuple[Understood, ...] = ()
    wish: Period | None = (
        None  # a time that is no filter: what was published then is better, the rest is found too
    )
    timeless: str | None = None  # where a time that the words say is a filter: the text with it as words

    def of_all_times(self) -> Asked:
        """The same query without the time that its words say; the words stay."""
        if self.timeless is None:
            return self
        kept = tuple(replace(one, holds=one.holds and one.kind != "period") for one in self.understood)
        asked = replace(self, query=replace(self.query, since=None, until=None), timeless=None)
        return asked.reworded(self.timeless, kept)

    def reworded(self, text: str, understood: tuple[Understood, ...]) -> Asked:
        """The same query with other words."""
        wording = wording_of(text, is_question=is_question(self.typed))
        return replace(self, query=replace(self.query, text=text), wording=wording, understood=understood)


def read(query: SearchQuery, *, now: datetime, publishers: Callable[[], Sequence[Publisher]]) -> Asked:
    """Return how a query is read.  What a form states (a date, a publisher) goes before what the words say.

    A date in a question is a wish only: "What happened on Monday?" is told by articles of the days after.
    """
    typed = text = " ".join(query.text[:QUERY_CHARS].split())
    understood: list[Understood] = []
    for named in filters_in(text):
        rest = without_filter(typed, named.said)
        if named.kind == "hashtag" and not query.hashtag and (slug := slug_of(named.value)):
            query = replace(query, hashtag=slug)
            understood.append(Understood("hashtag", named.said, slug, rest))
        elif (
            named.kind == "language" and not query.language and named.value.isalpha() and len(named.value) < 4
        ):
            query = replace(query, language=named.value.lower())
            understood.append(Understood("language", named.said, named.value.lower(), rest))
        elif named.kind == "publisher" and query.publisher_id is None:
            publisher = publisher_called(named.value, publishers())
            name = publisher.name if publisher else named.value
            query = replace(query, publisher_id=publisher.id if publisher else None)
            understood.append(Understood("publisher", named.said, name, rest, holds=publisher is not None))
        else:
            continue
        text = without_filter(text, named.said)
    found = None if query.since or query.until else period_in(text, now)
    wish, timeless = None, None
    if found:
        period, said, left = found
        is_wish = is_question(typed)
        instead = without_filter(typed, said)
        understood.append(Understood("wish" if is_wish else "period", said, period, instead))
        if is_wish:
            wish = period
        else:
            text, timeless = left, text
            query = replace(query, since=period.since, until=period.until)
    wording = wording_of(text, is_question=is_question(typed))
    return Asked(typed, replace(query, text=text), wording, tuple(understood), wish, timeless)


def publisher_called(name: str, publishers: Sequence[Publisher]) -> Publisher | None:
    """Return the publisher of that name or site; of several that begin so the one with the shortest name, None without any."""
    sought = fold(name)
    called = [(fold(p.name), p) for p in publishers]
    exact = [p for key, p in called if key == sought or sought in (p.site_url or "").lower().split("/")[2:3]]
    begins = [p for key, p in called if key.startswith(sought)]
    has = [p for key, p in called if f" {sought}" in key]
    for found in (exact, begins, has):
        if found:
            return min(found, key=lambda p: (len(p.name), p.id))
    return None
