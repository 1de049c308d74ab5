"""Which story continues which: found by the writer, kept with the ids of that day, read through every merge since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tidings.model import Continuation, Description, StoryCard, WindowStory
from tidings.store import cards, descriptions
from tidings.store.database import Connection
from tidings.store.stories import LINKED_REPORTS

NEAR = 40  # articles nearest in meaning that are looked at
SHARING = 20  # articles sharing most names that are looked at
MOST_SLEEPERS = 8  # reports of quiet stories that are compared in full


def sleepers(
    connection: Connection, article_id: int, *, since: datetime, until: datetime
) -> list[tuple[int, Description]]:
    """Reports near to an article in meaning or names whose stories had their last report in this time, with the stories' ids.

    Cost: one query of the index of vectors and one of names, whatever the size of the archive.
    """
    near = descriptions.nearest_articles(connection, article_id, limit=NEAR)
    near += descriptions.sharing_names(connection, article_id, limit=SHARING)
    rows = connection.execute(
        """
        SELECT a.id, a.story_id FROM articles a JOIN stories s ON s.id = a.story_id
        WHERE a.id = ANY(%s) AND s.last_at BETWEEN %s AND %s
        """,
        (near, since, until),
    ).fetchall()
    story_of = {row["id"]: row["story_id"] for row in rows}
    chosen = [i for i in dict.fromkeys(near) if i in story_of][:MOST_SLEEPERS]
    return [(story_of[d.article_id], d) for d in descriptions.descriptions(connection, chosen)]


def to_link(connection: Connection, *, limit: int) -> list[WindowStory]:
    """Some of the stories that wait to be looked at, with their first reports; those that are gone wait no more."""
    rows = connection.execute(
        """
        SELECT c.story_id, first.ids FROM continuations c LEFT JOIN LATERAL (
            SELECT array_agg(id) AS ids FROM (
                SELECT a.id FROM articles a JOIN descriptions d ON d.article_id = a.id
                WHERE a.story_id = c.story_id ORDER BY a.at, a.id LIMIT %s
            ) a
        ) first ON true
        WHERE c.earlier_id IS NULL ORDER BY c.story_id LIMIT %s
        """,
        (LINKED_REPORTS, limit),
    ).fetchall()
    gone = [row["story_id"] for row in rows if not row["ids"]]
    connection.execute("DELETE FROM continuations WHERE story_id = ANY(%s) AND earlier_id IS NULL", (gone,))
    return [
        WindowStory(row["story_id"], tuple(descriptions.descriptions(connection, row["ids"])))
        for row in rows
        if row["ids"]
    ]


def record(
    connection: Connection, story_ids: Sequence[int], found: Sequence[Continuation], *, now: datetime
) -> None:
    """Keep what was found of the stories that were looked at."""
    linked = {one.story_id: one for one in found}
    connection.execute(
        "DELETE FROM continuations WHERE story_id = ANY(%s) AND earlier_id IS NULL",
        ([story_id for story_id in story_ids if story_id not in linked],),
    )
    for one in linked.values():
        connection.execute(
            """
            UPDATE continuations SET earlier_id = %s, strength = %s, found_at = %s, made_by = %s
            WHERE story_id = %s AND earlier_id IS NULL
            """,
            (one.earlier_id, one.strength, now, one.made_by, one.story_id),
        )


def linked(connection: Connection, story_id: int) -> tuple[list[StoryCard], list[StoryCard]]:
    """The stories that a living story continues, and those that continue it, the earliest first.

    Merges since are followed on both sides.  Left out is what is one story by now, and what an editor called not related.
    """
    rows = connection.execute(
        """
        WITH RECURSIVE formerly (id) AS (
            SELECT %(id)s::bigint UNION SELECT r.from_id FROM story_redirects r JOIN formerly f ON r.into_id = f.id
        ), found (id, is_earlier) AS (
            SELECT c.earlier_id, true FROM continuations c JOIN formerly f ON c.story_id = f.id WHERE c.earlier_id IS NOT NULL
            UNION SELECT c.story_id, false FROM continuations c JOIN formerly f ON c.earlier_id = f.id
        ), follow (id, is_earlier, now_id) AS (
            SELECT id, is_earlier, id FROM found
            UNION SELECT f.id, f.is_earlier, r.into_id FROM follow f JOIN story_redirects r ON r.from_id = f.now_id
        )
        SELECT DISTINCT s.id, f.is_earlier, s.first_at FROM follow f JOIN stories s ON s.id = f.now_id
        WHERE s.id <> %(id)s AND NOT EXISTS (
            SELECT FROM unrelated u WHERE u.undone_at IS NULL
                AND (u.one_id, u.other_id) = (least(s.id, %(id)s), greatest(s.id, %(id)s))
        )
        ORDER BY s.first_at, s.id
        """,
        {"id": story_id},
    ).fetchall()
    shown = {card.id: card for card in cards.story_cards(connection, [row["id"] for row in rows])}
    earlier, later = (
        [shown[row["id"]] for row in rows if row["is_earlier"] is is_earlier and row["id"] in shown]
        for is_earlier in (True, False)
    )
    return earlier, later
