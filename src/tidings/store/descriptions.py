"""Descriptions: what stories/ knows of an article, with its vectors, and which articles are near in meaning or share names.

Vectors stand apart, by model: two models can be live while one replaces the other.  The description's row names the model
it was made with.  They are kept in full precision (a window read back must equal the one held in memory); the index over
them is of half precision.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from tidings.model import Description, WindowStory, Work
from tidings.store import queue
from tidings.store.articles import mark_changed
from tidings.store.database import Connection, Row, vector_of
from tidings.store.values import as_json, desk_of, names_json, names_of, phrases_json, phrases_of

NAME_CHARS = 200  # a longer "name" is none
NAMES_ASKED = 8  # of the names of an article, the most telling
SHARERS_A_NAME = 60  # the latest articles with a name that are looked at


def record_descriptions(
    connection: Connection,
    work: Sequence[Work],
    descriptions: Sequence[Description],
    *,
    now: datetime,
) -> None:
    """Keep the descriptions of the rows that are still held, and queue these for "group"."""
    held = queue.finish(connection, work)
    kept = [d for d in descriptions if d.article_id in held]
    keep(connection, kept)
    for priority in sorted(set(held.values())):
        subjects = [d.article_id for d in kept if held[d.article_id] == priority]
        queue.put(connection, "group", subjects, priority=priority, now=now)


def keep(connection: Connection, descriptions: Sequence[Description]) -> None:
    """Write descriptions over those that are there; one of an article that is gone is dropped."""
    if not descriptions:
        return
    rows = connection.execute(
        "SELECT id FROM articles WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        ([d.article_id for d in descriptions],),
    ).fetchall()
    present = {row["id"] for row in rows}
    chosen = sorted((d for d in descriptions if d.article_id in present), key=lambda d: d.article_id)
    dims = {d.model: len(d.body_vector) for d in chosen} | {
        d.english_model: len(d.english_vector)
        for d in chosen
        if d.english_model and d.english_vector is not None
    }
    models = {name: _model_id(connection, name, dim) for name, dim in sorted(dims.items())}
    ids = [d.article_id for d in chosen]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"""
            INSERT INTO descriptions (article_id, {", ".join(_COLUMNS)})
            VALUES (%s, {", ".join("%s" for _ in _COLUMNS)})
            ON CONFLICT (article_id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in _COLUMNS)}
            """,
            [(d.article_id, *_values(d, models)) for d in chosen],
        )
        cursor.executemany(
            """
            INSERT INTO vectors (model_id, article_id, headline, body) VALUES (%s, %s, %s::vector, %s::vector)
            ON CONFLICT (model_id, article_id) DO UPDATE SET headline = excluded.headline, body = excluded.body
            """,
            [
                *((models[d.model], d.article_id, d.headline_vector, d.body_vector) for d in chosen),
                *(
                    (models[d.english_model], d.article_id, None, d.english_vector)
                    for d in chosen
                    if d.english_model
                ),
            ],
        )
    connection.execute("DELETE FROM article_names WHERE article_id = ANY(%s)", (ids,))
    named = {
        (name.key, d.at, d.article_id) for d in chosen for name in d.names if len(name.key) <= NAME_CHARS
    }
    with connection.cursor().copy("COPY article_names (key, at, article_id) FROM STDIN") as copy:
        for row in named:
            copy.write_row(row)
    connection.execute(
        """
        UPDATE articles a SET agency = u.agency
        FROM unnest(%s::bigint[], %s::text[]) AS u (id, agency)
        WHERE a.id = u.id AND a.agency IS DISTINCT FROM u.agency
        """,
        (ids, [d.agency for d in chosen]),
    )
    mark_changed(connection, ids)


_COLUMNS = (
    "model_id",
    "english_model_id",
    "made_by",
    "language",
    "at",
    "dated",
    "headline",
    "words",
    "headline_words",
    "names",
    "phrases",
    "sketch",
    "word_count",
    "agency",
    "desk",
    "desk_by",
)


def _values(d: Description, models: Mapping[str, int]) -> tuple[object, ...]:
    return (
        models[d.model],
        models[d.english_model] if d.english_model else None,
        d.made_by,
        d.language,
        d.at,
        d.dated,
        d.headline,
        as_json(dict(d.words)),
        as_json(dict(d.headline_words)),
        names_json(d.names),
        phrases_json(d.phrases),
        d.sketch,
        d.word_count,
        d.agency,
        d.desk.slug if d.desk else None,
        d.desk.by if d.desk else None,
    )


def _model_id(connection: Connection, name: str, dim: int) -> int:
    """The number of a model; a new one gets an index over its vectors."""
    row = connection.execute("SELECT id FROM models WHERE name = %s", (name,)).fetchone()
    if row is None:
        row = connection.execute(
            "INSERT INTO models (name, dim) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING RETURNING id",
            (name, dim),
        ).fetchone()
        if row is None:
            return _model_id(connection, name, dim)
        number = int(row["id"])
        connection.execute(f"DROP INDEX IF EXISTS vectors_near_{number}")
        connection.execute(
            f"""
            CREATE INDEX vectors_near_{number} ON vectors
            USING hnsw ((body::halfvec({int(dim)})) halfvec_cosine_ops) WHERE model_id = {number}
            """
        )
    return int(row["id"])


# ── reading back ─────────────────────────────────────────────────────────────────────────────────────────────────────

_DESCRIPTION = """
    SELECT d.article_id, d.made_by, d.language, d.at, d.dated, d.headline, d.words::text, d.headline_words::text,
        d.names::text, d.phrases::text, d.sketch, d.word_count, d.agency, d.desk, d.desk_by,
        a.publisher_id, a.story_id, m.name AS model, vector_send(v.headline) AS headline_vector, vector_send(v.body) AS body_vector,
        e.name AS english_model, vector_send(w.body) AS english_vector
    FROM descriptions d
    JOIN articles a ON a.id = d.article_id
    JOIN models m ON m.id = d.model_id
    JOIN vectors v ON v.model_id = d.model_id AND v.article_id = d.article_id
    LEFT JOIN models e ON e.id = d.english_model_id
    LEFT JOIN vectors w ON w.model_id = d.english_model_id AND w.article_id = d.article_id
"""


def descriptions(connection: Connection, article_ids: Sequence[int]) -> list[Description]:
    """The descriptions of these articles in the order asked for; those that have none are left out."""
    rows = connection.execute(
        f"{_DESCRIPTION} WHERE d.article_id = ANY(%s)", (list(article_ids),), binary=True
    ).fetchall()
    found = {row["article_id"]: _description_of(row) for row in rows}
    return [found[article_id] for article_id in dict.fromkeys(article_ids) if article_id in found]


def window(connection: Connection, *, since: datetime) -> Iterator[WindowStory]:
    """The stories with an article since then, whole, in the order of their ids; the connection is busy meanwhile."""
    with connection.cursor("window", binary=True) as cursor:
        cursor.itersize = 500
        cursor.execute(
            f"""
            {_DESCRIPTION}
            WHERE a.story_id IN (SELECT id FROM stories WHERE last_at >= %s)
            ORDER BY a.story_id, d.at, d.article_id
            """,
            (since,),
        )
        for story_id, rows in groupby(cursor, key=lambda row: row["story_id"]):
            yield WindowStory(int(story_id), tuple(map(_description_of, rows)))


def _description_of(row: Row) -> Description:
    return Description(
        article_id=row["article_id"],
        publisher_id=row["publisher_id"],
        language=row["language"],
        at=row["at"],
        dated=row["dated"],
        headline=row["headline"],
        headline_vector=vector_of(row["headline_vector"]),
        body_vector=vector_of(row["body_vector"]),
        english_vector=vector_of(row["english_vector"]) if row["english_vector"] else None,
        words=json.loads(row["words"]),
        headline_words=json.loads(row["headline_words"]),
        names=names_of(json.loads(row["names"])),
        phrases=phrases_of(json.loads(row["phrases"])),
        sketch=row["sketch"],
        word_count=row["word_count"],
        agency=row["agency"],
        model=row["model"],
        english_model=row["english_model"],
        made_by=row["made_by"],
        desk=desk_of(row, sure=1.0),
    )


# ── near ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def neighbours(connection: Connection, article_id: int, *, limit: int) -> list[Description]:
    """Descriptions of the articles nearest in meaning (two thirds of the limit) or sharing most names, of any age.

    The article itself, its copies, what it copies and other copies of that are left out.
    """
    near = nearest_articles(connection, article_id, limit=limit)
    sharing = sharing_names(connection, article_id, limit=limit)
    kept = near[: limit - min(len(sharing), limit // 3)]
    chosen = list(dict.fromkeys([*kept, *sharing, *near[len(kept) :]]))[:limit]
    return descriptions(connection, chosen)


def nearest_articles(connection: Connection, article_id: int, *, limit: int) -> list[int]:
    subject = connection.execute(
        """
        SELECT v.model_id, m.dim, v.body::real[] AS body, coalesce(a.copy_of, a.id) AS root FROM descriptions d
        JOIN articles a ON a.id = d.article_id JOIN models m ON m.id = d.model_id
        JOIN vectors v ON v.model_id = d.model_id AND v.article_id = d.article_id
        WHERE d.article_id = %s
        """,
        (article_id,),
    ).fetchone()
    if subject is None:
        return []
    rows = connection.execute(
        f"""
        SELECT near.article_id FROM (
            SELECT article_id, body::halfvec({subject["dim"]}) <=> %(body)s::real[]::halfvec({subject["dim"]}) AS distance
            FROM vectors WHERE model_id = {subject["model_id"]}
            ORDER BY distance LIMIT %(looked_at)s
        ) near
        JOIN articles a ON a.id = near.article_id
        WHERE coalesce(a.copy_of, a.id) <> %(root)s
        ORDER BY near.distance LIMIT %(limit)s
        """,
        {
            "body": subject["body"],
            "root": subject["root"],
            "looked_at": limit + 20,
            "limit": limit,
        },
    ).fetchall()
    return [row["article_id"] for row in rows]


def sharing_names(connection: Connection, article_id: int, *, limit: int) -> list[int]:
    """The articles that share most of an article's names; a name that every article has says little, so it counts less."""
    row = connection.execute(
        """
        SELECT d.names::text, coalesce(a.copy_of, a.id) AS root FROM descriptions d
        JOIN articles a ON a.id = d.article_id WHERE d.article_id = %s
        """,
        (article_id,),
    ).fetchone()
    if row is None:
        return []
    names = sorted(names_of(json.loads(row["names"])), key=lambda n: (not n.in_headline, -n.count, n.key))
    keys = [name.key for name in names if len(name.key) <= NAME_CHARS][:NAMES_ASKED]
    rows = connection.execute(
        """
        SELECT shared.article_id FROM (
            SELECT latest.article_id, sum(1.0 / (8 + latest.among)) AS weight, count(*) AS names, max(latest.at) AS at
            FROM unnest(%(keys)s::text[]) asked (key) CROSS JOIN LATERAL (
                SELECT n.article_id, n.at, count(*) OVER () AS among FROM (
                    SELECT article_id, at FROM article_names WHERE key = asked.key ORDER BY at DESC LIMIT %(most)s
                ) n
            ) latest
            GROUP BY latest.article_id
        ) shared
        JOIN articles a ON a.id = shared.article_id
        WHERE coalesce(a.copy_of, a.id) <> %(root)s
        ORDER BY shared.names DESC, shared.weight DESC, shared.at DESC, shared.article_id DESC LIMIT %(limit)s
        """,
        {"keys": keys, "most": SHARERS_A_NAME, "root": row["root"], "limit": limit},
    ).fetchall()
    return [row["article_id"] for row in rows]
