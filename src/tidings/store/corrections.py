"""What editors ask of stories, what became of it, and the pairs of articles they judged.

Anyone may ask and ask to undo; only the writer of stories settles (stories.apply, under its epoch).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product

from tidings.errors import Conflict, NotFound
from tidings.model import (
    Change,
    Correction,
    CorrectionKind,
    JudgedPair,
    Listed,
    Settled,
    StoryArticle,
    StoryArticles,
)
from tidings.store import queue
from tidings.store.database import Connection, Row
from tidings.store.values import key_parts, next_key


def ask(
    connection: Connection,
    kind: CorrectionKind,
    *,
    story_id: int,
    other_id: int | None,
    article_ids: Sequence[int],
    editor: str,
    now: datetime,
) -> Correction:
    """Note what an editor wants done, and wake the writer; returns the row."""
    row = connection.execute(
        """
        INSERT INTO corrections (kind, story_id, other_id, article_ids, editor, asked_at)
        VALUES (%s, %s, %s, %s, %s, %s) RETURNING *
        """,
        (kind, story_id, other_id, list(article_ids), editor, now),
    ).fetchone()
    assert row is not None
    queue.notify(connection, "group")
    return _correction_of(row)


def ask_undo(connection: Connection, correction_id: int, *, now: datetime) -> Correction:
    """Note that a correction is to be undone; one that waits yet is not done at all.  Raises NotFound, Conflict."""
    row = connection.execute(
        """
        UPDATE corrections SET undo_asked_at = %s, problem = ''
        WHERE id = %s AND undone_at IS NULL AND (done_at IS NOT NULL OR problem = '') RETURNING *
        """,
        (now, correction_id),
    ).fetchone()
    if row is None:
        correction(connection, correction_id)
        raise Conflict(f"correction {correction_id}", "This was undone already, or never done.")
    queue.notify(connection, "group")
    return _correction_of(row)


def settle(connection: Connection, settled: Iterable[Settled], *, now: datetime) -> None:
    """Write what became of corrections."""
    for one in settled:
        if one.problem:
            connection.execute(
                "UPDATE corrections SET problem = %s, undo_asked_at = NULL WHERE id = %s",
                (one.problem, one.correction_id),
            )
        elif one.change is None:
            connection.execute(
                "UPDATE corrections SET undone_at = %s WHERE id = %s", (now, one.correction_id)
            )
        else:
            change = one.change
            connection.execute(
                """
                UPDATE corrections SET done_at = %s, from_id = %s, into_id = %s, rest_id = %s,
                    moved = %s, left_behind = %s, joined = %s WHERE id = %s
                """,
                (
                    now,
                    change.from_id,
                    change.into_id,
                    change.rest_id,
                    list(change.moved),
                    list(change.left),
                    list(change.joined),
                    one.correction_id,
                ),
            )


# ── reading back ─────────────────────────────────────────────────────────────────────────────────────────────────────


def correction(connection: Connection, correction_id: int) -> Correction:
    row = connection.execute("SELECT * FROM corrections WHERE id = %s", (correction_id,)).fetchone()
    if row is None:
        raise NotFound(f"correction {correction_id}", "There is no such correction.")
    return _correction_of(row)


def waiting(connection: Connection) -> list[Correction]:
    """What is to be done or to be undone, in the order it was asked."""
    rows = connection.execute(
        """
        SELECT * FROM corrections
        WHERE undone_at IS NULL AND ((done_at IS NULL AND problem = '') OR undo_asked_at IS NOT NULL) ORDER BY id
        """
    ).fetchall()
    return [_correction_of(row) for row in rows]


def standing(connection: Connection) -> list[Correction]:
    """What was done and not undone, in the order it was done."""
    rows = connection.execute(
        "SELECT * FROM corrections WHERE done_at IS NOT NULL AND undone_at IS NULL ORDER BY done_at, id"
    ).fetchall()
    return [_correction_of(row) for row in rows]


def corrections(
    connection: Connection, *, story_id: int | None = None, after: str | None = None, limit: int = 50
) -> Listed[Correction]:
    """Corrections, the last first; of one story those that named it or changed it under any of its ids."""
    key = key_parts(after, int)
    of_story = "" if story_id is None else f"AND (story_id IN {_FORMERLY} OR other_id IN {_FORMERLY}"
    if of_story:
        of_story += f" OR from_id IN {_FORMERLY} OR into_id IN {_FORMERLY} OR rest_id IN {_FORMERLY})"
    rows = connection.execute(
        f"""
        WITH RECURSIVE formerly (id) AS (
            SELECT %(story)s::bigint UNION SELECT r.from_id FROM story_redirects r JOIN formerly f ON r.into_id = f.id
        )
        SELECT * FROM corrections WHERE (%(before)s::bigint IS NULL OR id < %(before)s) {of_story}
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {"story": story_id, "before": key[0] if key else None, "limit": limit + 1},
    ).fetchall()
    return Listed(tuple(_correction_of(row) for row in rows[:limit]), next_key(rows, limit, "id"))


_FORMERLY = "(SELECT id FROM formerly)"


def story_articles(connection: Connection, story_ids: Sequence[int]) -> list[StoryArticles]:
    """The articles of these stories; ids that no story has now are left out."""
    rows = connection.execute(
        """
        SELECT a.story_id, a.id, a.at, coalesce(o.id, a.id) AS root FROM articles a
        LEFT JOIN articles o ON o.id = a.copy_of AND o.story_id = a.story_id
        WHERE a.story_id = ANY(%s) ORDER BY a.at, a.id
        """,
        (list(story_ids),),
    ).fetchall()
    found: dict[int, list[StoryArticle]] = {}
    for row in rows:
        found.setdefault(row["story_id"], []).append(StoryArticle(row["id"], row["at"], row["root"]))
    return [StoryArticles(i, tuple(found[i])) for i in dict.fromkeys(story_ids) if i in found]


def living(connection: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Which of these ids are stories now."""
    rows = connection.execute("SELECT id FROM stories WHERE id = ANY(%s)", (list(ids),)).fetchall()
    return frozenset(row["id"] for row in rows)


def _correction_of(row: Row) -> Correction:
    change = None
    if row["done_at"] is not None:
        change = Change(
            from_id=row["from_id"],
            into_id=row["into_id"],
            rest_id=row["rest_id"],
            moved=tuple(row["moved"]),
            left=tuple(row["left_behind"]),
            joined=tuple(row["joined"]),
        )
    return Correction(
        id=row["id"],
        kind=row["kind"],
        story_id=row["story_id"],
        other_id=row["other_id"],
        article_ids=tuple(row["article_ids"]),
        editor=row["editor"],
        asked_at=row["asked_at"],
        done_at=row["done_at"],
        undo_asked_at=row["undo_asked_at"],
        undone_at=row["undone_at"],
        problem=row["problem"],
        change=change,
    )


# ── pairs of articles ────────────────────────────────────────────────────────────────────────────────────────────────


def call_unrelated(
    connection: Connection, one_id: int, other_id: int, *, editor: str, now: datetime, undo: bool = False
) -> None:
    """Keep or take back the verdict that two articles are not related.  Raises NotFound unless both are there."""
    if one_id == other_id:
        raise Conflict(f"article {one_id}", "An article cannot be unrelated to itself.")
    pair = sorted((one_id, other_id))
    if undo:
        connection.execute(
            "UPDATE unrelated SET undone_at = %s WHERE one_id = %s AND other_id = %s AND undone_at IS NULL",
            (now, *pair),
        )
        return
    kept = connection.execute(
        """
        INSERT INTO unrelated (one_id, other_id, editor, judged_at)
        SELECT o.id, t.id, %(editor)s, %(now)s FROM articles o, articles t WHERE o.id = %(one)s AND t.id = %(other)s
        ON CONFLICT (one_id, other_id) DO UPDATE SET
            editor = excluded.editor, undone_at = NULL,
            judged_at = CASE WHEN unrelated.undone_at IS NULL THEN unrelated.judged_at ELSE excluded.judged_at END
        """,
        {"one": pair[0], "other": pair[1], "editor": editor, "now": now},
    ).rowcount
    if not kept:
        raise NotFound(f"articles {pair}", "There is no such article here.")


def unrelated(connection: Connection, article_id: int) -> list[int]:
    """The articles that an editor called not related to this one, the last verdict first."""
    rows = connection.execute(
        """
        SELECT other_id AS id, judged_at FROM unrelated WHERE one_id = %(id)s AND undone_at IS NULL
        UNION ALL SELECT one_id, judged_at FROM unrelated WHERE other_id = %(id)s AND undone_at IS NULL
        ORDER BY judged_at DESC, id
        """,
        {"id": article_id},
    ).fetchall()
    return [row["id"] for row in rows]


def judged_pairs(connection: Connection) -> Iterator[JudgedPair]:
    """Every pair of articles that an editor's standing verdicts speak of, oldest verdict first.

    A merge of stories with m and n articles gives m·n pairs.
    """
    for done in standing(connection):
        assert done.change is not None
        for verdict, others in (("together", done.change.joined), ("apart", done.change.left)):
            for one_id, other_id in product(done.change.moved, others):
                yield JudgedPair(verdict, one_id, other_id, done.editor, done.asked_at, done.id)  # type: ignore[arg-type]
    rows = connection.execute(
        "SELECT * FROM unrelated WHERE undone_at IS NULL ORDER BY judged_at, one_id, other_id"
    ).fetchall()
    for row in rows:
        yield JudgedPair("unrelated", row["one_id"], row["other_id"], row["editor"], row["judged_at"])
