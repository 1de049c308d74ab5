"""What search asks of the database: which articles changed, their texts, what is near in meaning, what filters let pass."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from tidings.model import ArticleCard, Listed, SearchChanges, SearchQuery, SearchText
from tidings.store import settings
from tidings.store.cards import article_page
from tidings.store.database import Connection, Row

FEW = 1_000  # as many as can be compared one by one; more are looked up in the index of vectors

# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def search_identity(connection: Connection) -> str:
    """What tells this database from any other; a dump restored elsewhere is another one, since its transactions are."""
    kept = settings.keep_setting(connection, "search_identity", uuid.uuid4().hex, only_if_absent=True)
    row = connection.execute(
        """
        SELECT CASE WHEN has_function_privilege('pg_control_system()', 'execute')
            THEN (SELECT system_identifier FROM pg_control_system()) END AS cluster,
            (SELECT oid FROM pg_database WHERE datname = current_database()) AS database
        """
    ).fetchone()
    assert row is not None
    return f"{kept}-{row['cluster']}-{row['database']}"


def search_changes(connection: Connection, *, cursor: str | None, limit: int) -> SearchChanges:
    """The next articles that changed since a cursor, oldest change first.

    Changes are told apart by transaction.  Those of a transaction are only given once every older one has ended, so that
    none that commits late is missed; a cursor is "transaction-article" of the last one given.
    """
    transaction, article_id = (cursor or "0-0").split("-")
    rows = connection.execute(
        """
        SELECT article_id, changed_in::text AS transaction FROM changes
        WHERE (changed_in, article_id) > (%s::xid8, %s) AND changed_in < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY changed_in, article_id LIMIT %s
        """,
        (transaction, int(article_id), limit),
    ).fetchall()
    ids = [row["article_id"] for row in rows]
    texts = search_texts(connection, ids) if ids else []
    present = {text.article_id for text in texts}
    return SearchChanges(
        texts=tuple(texts),
        gone=tuple(article_id for article_id in ids if article_id not in present),
        cursor=f"{rows[-1]['transaction']}-{rows[-1]['article_id']}" if rows else cursor or "0-0",
        is_last=len(rows) < limit,
    )


def search_texts(connection: Connection, article_ids: Sequence[int]) -> list[SearchText]:
    rows = connection.execute(
        """
        SELECT a.id, a.publisher_id, coalesce(a.language, d.language) AS language, a.at, a.headline, a.standfirst, r.paragraphs,
            ARRAY(SELECT slug FROM article_hashtags t WHERE t.article_id = a.id ORDER BY slug) AS hashtags
        FROM articles a JOIN revisions r ON r.article_id = a.id AND r.revision = a.revision
        LEFT JOIN descriptions d ON d.article_id = a.id
        WHERE a.id = ANY(%s)
        """,
        (list(article_ids),),
    ).fetchall()
    found = {row["id"]: _text_of(row) for row in rows}
    return [found[article_id] for article_id in article_ids if article_id in found]


def _text_of(row: Row) -> SearchText:
    return SearchText(
        article_id=row["id"],
        publisher_id=row["publisher_id"],
        language=row["language"],
        at=row["at"],
        headline=row["headline"],
        standfirst=row["standfirst"],
        paragraphs=tuple(row["paragraphs"]),
        hashtags=tuple(row["hashtags"]),
    )


# ── near and allowed ─────────────────────────────────────────────────────────────────────────────────────────────────


def nearest(
    connection: Connection,
    vector: np.ndarray[tuple[int], np.dtype[np.float32]],
    *,
    model: str,
    query: SearchQuery,
    limit: int,
) -> list[tuple[int, float]]:
    """(article id, cosine similarity) of what is nearest in meaning among what the filters let pass, nearest first.

    Few candidates are compared one by one; among many the index finds them, looking on until enough pass.
    """
    known = connection.execute("SELECT id, dim FROM models WHERE name = %s", (model,)).fetchone()
    if known is None or known["dim"] != len(vector):
        return []
    number, dim = int(known["id"]), int(known["dim"])
    distance = f"v.body::halfvec({dim}) <=> %(vector)s::real[]::halfvec({dim})"
    conditions, parameters = filters(query)
    parameters |= {"vector": vector, "limit": limit}
    where, join = f"v.model_id = {number}", ""
    if conditions:
        some = connection.execute(
            f"SELECT a.id FROM articles a WHERE {' AND '.join(conditions)} LIMIT {FEW + 1}", parameters
        ).fetchall()
        if len(some) <= FEW:
            where += " AND v.article_id = ANY(%(few)s)"
            parameters["few"] = [row["id"] for row in some]
        else:
            join = "JOIN articles a ON a.id = v.article_id"
            where += f" AND {' AND '.join(conditions)}"
    rows = connection.execute(
        f"""
        SELECT v.article_id, {distance} AS distance FROM vectors v {join}
        WHERE {where} ORDER BY {distance} LIMIT %(limit)s
        """,
        parameters,
    ).fetchall()
    # The distance to a vector of zeros is not a number: an article that is a headline only has no body to be near to.
    return [(row["article_id"], 1.0 - row["distance"]) for row in rows if row["distance"] == row["distance"]]


def names_like(connection: Connection, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What else those are called who are known by one of these names (folded); of namesakes the one most written about."""
    rows = connection.execute(
        """
        SELECT one.key, ARRAY(
            SELECT spelling FROM entity_aliases other
            WHERE other.entity_id = one.entity_id AND other.key <> one.key AND NOT other.refused ORDER BY spelling LIMIT 20
        ) AS spellings
        FROM (
            SELECT DISTINCT ON (a.key) a.key, a.entity_id FROM entity_aliases a JOIN entities e ON e.id = a.entity_id
            WHERE a.key = ANY(%s) AND NOT a.refused ORDER BY a.key, a.given DESC, e.article_count DESC, e.id
        ) one
        """,
        (list(names),),
    ).fetchall()
    return {row["key"]: tuple(row["spellings"]) for row in rows if row["spellings"]}


def similarities(
    connection: Connection,
    article_ids: Sequence[int],
    vector: np.ndarray[tuple[int], np.dtype[np.float32]],
    *,
    model: str,
) -> dict[int, float]:
    """The cosine similarity of each of these articles that the model has a vector of; zeros have none."""
    rows = connection.execute(
        """
        SELECT v.article_id, v.body <=> %(vector)s::real[]::vector AS distance
        FROM vectors v JOIN models m ON m.id = v.model_id
        WHERE m.name = %(model)s AND m.dim = %(dim)s AND v.article_id = ANY(%(ids)s)
        """,
        {"vector": vector, "dim": len(vector), "model": model, "ids": list(article_ids)},
    ).fetchall()
    return {row["article_id"]: 1.0 - row["distance"] for row in rows if row["distance"] == row["distance"]}


def filters(query: SearchQuery) -> tuple[list[str], dict[str, Any]]:
    """The conditions on an article `a` that a query's filters mean, and their parameters."""
    conditions: list[str] = []
    if query.since is not None:
        conditions.append("a.at >= %(since)s")
    if query.until is not None:
        conditions.append("a.at < %(until)s")
    if query.publisher_id is not None:
        conditions.append("a.publisher_id = %(publisher_id)s")
    if query.language:
        # Written so that the planner can tell how many pass: it must choose the index of vectors when most do.
        conditions.append(
            "(a.language = %(language)s OR (a.language IS NULL AND EXISTS ("
            "SELECT FROM descriptions d WHERE d.article_id = a.id AND d.language = %(language)s)))"
        )
    if query.hashtag:
        conditions.append(
            "EXISTS (SELECT FROM article_hashtags t WHERE t.article_id = a.id AND t.slug = %(hashtag)s)"
        )
    return conditions, {
        "since": query.since,
        "until": query.until,
        "publisher_id": query.publisher_id,
        "language": query.language,
        "hashtag": query.hashtag,
    }


def filtered(
    connection: Connection, query: SearchQuery, *, after: str | None = None, limit: int = 20
) -> Listed[ArticleCard]:
    """What the filters let pass, whatever the words, newest first."""
    conditions, parameters = filters(query)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return article_page(
        connection,
        f"FROM articles a {where}",
        parameters,
        order="at",
        id_column="id",
        after=after,
        limit=limit,
    )
