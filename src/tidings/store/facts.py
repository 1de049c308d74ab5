"""Facts: the quotes, figures and times of articles, kept with the digest of the text that they were found in.

They are read only while that is still the article's text: a span into another one would cite words that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tidings.model import Facts, Figure, Quote, TimeExpression
from tidings.store.database import Connection, Row

_SPAN = ("paragraph", "span_start", "span_end", "words")
_QUOTE = (*_SPAN, "speaker", "said_by", "continues")
_FIGURE = (*_SPAN, "value", "high", "unit", "counted", "bound")
_TIME = (*_SPAN, "first_day", "last_day", "grain", "is_printing", "is_event")


def keep(connection: Connection, found: Sequence[Facts]) -> None:
    """Write facts over those that are there; those of a text that has changed since, or is gone, are dropped."""
    rows = connection.execute(
        "SELECT id, text_digest FROM articles WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        ([facts.article_id for facts in found],),
    ).fetchall()
    digests = {row["id"]: bytes(row["text_digest"]) for row in rows}
    kept = [facts for facts in found if digests.get(facts.article_id) == facts.text_digest]
    if not kept:
        return
    connection.execute(
        "DELETE FROM facts WHERE article_id = ANY(%s)", ([facts.article_id for facts in kept],)
    )
    _copy(
        connection,
        "facts",
        ("text_digest", "made_by"),
        ((f.article_id, f.text_digest, f.made_by) for f in kept),
    )
    _copy(
        connection,
        "quotes",
        ("number", *_QUOTE),
        (
            (f.article_id, n, *_span(q), q.speaker, q.said_by, q.continues)
            for f in kept
            for n, q in enumerate(f.quotes)
        ),
    )
    _copy(
        connection,
        "figures",
        ("number", *_FIGURE),
        (
            (f.article_id, n, *_span(g), g.value, g.high, g.unit, g.counted, g.bound)
            for f in kept
            for n, g in enumerate(f.figures)
        ),
    )
    _copy(
        connection,
        "times",
        ("number", *_TIME),
        (
            (f.article_id, n, *_span(t), t.first, t.last, t.grain, t.is_printing, t == f.event)
            for f in kept
            for n, t in enumerate(f.times)
        ),
    )


def _span(found: Quote | Figure | TimeExpression) -> tuple[int, int, int, str]:
    return found.paragraph, found.start, found.end, found.words


def _copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    with connection.cursor().copy(f"COPY {table} (article_id, {', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def facts(connection: Connection, article_ids: Sequence[int]) -> dict[int, Facts]:
    """The facts of these articles by id; those without any, or whose text has changed since, are left out."""
    rows = connection.execute(
        """
        SELECT f.* FROM facts f JOIN articles a ON a.id = f.article_id
        WHERE f.article_id = ANY(%s) AND f.text_digest = a.text_digest
        """,
        (list(article_ids),),
    ).fetchall()
    ids = [row["article_id"] for row in rows]
    quotes = _rows(connection, "quotes", ids)
    figures = _rows(connection, "figures", ids)
    times = _rows(connection, "times", ids)
    return {
        row["article_id"]: Facts(
            article_id=row["article_id"],
            text_digest=bytes(row["text_digest"]),
            quotes=tuple(map(_quote_of, quotes.get(row["article_id"], ()))),
            figures=tuple(map(_figure_of, figures.get(row["article_id"], ()))),
            times=tuple(map(_time_of, times.get(row["article_id"], ()))),
            event=next((_time_of(t) for t in times.get(row["article_id"], ()) if t["is_event"]), None),
            made_by=row["made_by"],
        )
        for row in rows
    }


def _rows(connection: Connection, table: str, article_ids: Sequence[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in connection.execute(
        f"SELECT * FROM {table} WHERE article_id = ANY(%s) ORDER BY article_id, number", (list(article_ids),)
    ):
        found.setdefault(row["article_id"], []).append(row)
    return found


def _quote_of(row: Row) -> Quote:
    return Quote(
        row["paragraph"],
        row["span_start"],
        row["span_end"],
        row["words"],
        row["speaker"],
        row["said_by"],
        row["continues"],
    )


def _figure_of(row: Row) -> Figure:
    return Figure(
        paragraph=row["paragraph"],
        start=row["span_start"],
        end=row["span_end"],
        words=row["words"],
        value=row["value"],
        unit=row["unit"],
        counted=row["counted"],
        high=row["high"],
        bound=row["bound"],
    )


def _time_of(row: Row) -> TimeExpression:
    return TimeExpression(
        paragraph=row["paragraph"],
        start=row["span_start"],
        end=row["span_end"],
        words=row["words"],
        first=row["first_day"],
        last=row["last_day"],
        grain=row["grain"],
        is_printing=row["is_printing"],
    )
