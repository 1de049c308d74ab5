"""Stories: what a plan decides about them is written here, and what each amounts to is counted here.

An article's row says which story it is in and what it copies; a story's row holds what the front page needs, counted anew for
every story a plan touches.  Only the holder of the last epoch may write.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from tidings.errors import Conflict
from tidings.model import CopyOf, DeskChoice, LeadCandidate, Merge, Placement, Plan, Split, StoryRank, Work
from tidings.store import corrections, entities, hashtags, queue, takedowns
from tidings.store.articles import mark_changed
from tidings.store.database import Connection, Row, vector_of
from tidings.store.values import as_json

SOLE_WRITER_LOCK = 0x71D1_0002  # the advisory lock of placing articles; migrate.py has the one before
SUBSTANTIAL_WORDS = 120  # a report shorter than this stands for its story only when there is no longer one
LINKED_REPORTS = 2  # a story is looked at with its first report, and once more with its second
LEAD_CANDIDATES = 40  # the newest originals of a story, among which its lead is chosen
LeadOf = Callable[[Sequence[LeadCandidate], int | None], int]
_NOTIFY_CHARS = 7_000  # PostgreSQL takes less than 8,000 bytes
_TOO_MANY = "many"


def take_group_epoch(connection: Connection, owner: str) -> int:
    """Return an epoch greater than any before; waits for a plan that is being written."""
    row = connection.execute(
        "UPDATE group_epoch SET epoch = epoch + 1, owner = %s RETURNING epoch", (owner,)
    ).fetchone()
    assert row is not None
    return int(row["epoch"])


def apply(
    connection: Connection,
    plan: Plan,
    work: Sequence[Work],
    *,
    ranks: Mapping[int, StoryRank],
    epoch: int,
    now: datetime,
    lead_of: LeadOf | None = None,
) -> None:
    """Write a plan, finish its rows, and tell who listens.  Raises Conflict when the epoch is not the last.

    lead_of chooses the report that stands for a story among candidates, given the one that did so far.
    """
    last = connection.execute("SELECT epoch, owner FROM group_epoch FOR SHARE").fetchone()
    if last is None or last["epoch"] != epoch:
        raise Conflict(
            f"epoch {epoch}",
            "Another worker places articles now.",
            detail=f"epoch {last['epoch']} of {last['owner']}" if last else "",
        )
    grouped = [row.subject_id for row in work]
    into = _final_stories(plan.merges)
    placed = [p.article_id for p in plan.placements]
    touched = {into.get(p.story_id, p.story_id) for p in plan.placements} | set(into) | set(into.values())
    touched |= {*plan.recounted}
    touched |= {story_id for split in plan.splits for story_id in (split.from_id, split.into_id)}
    touched |= _stories_of(connection, [*grouped, *placed, *(c.article_id for c in plan.copies)])
    _write_copies(connection, plan.copies, grouped)
    _place(connection, plan.placements, grouped, plan.made_by)
    _write_desks(connection, plan.desks)
    _split(connection, plan.splits)
    _merge(connection, into)
    leads = {} if plan.settled else _leads(connection, touched)  # what an editor changed is looked at afresh
    _count(connection, sorted(touched), ranks)
    if lead_of is not None:
        _choose_leads(connection, touched, leads, lead_of)
    _await_link(connection, touched)
    hashtags.write(connection, plan.hashtags)
    if plan.entities is not None:
        entities.write(connection, plan.entities)
    mark_changed(connection, [*grouped, *placed, *plan.hashtags])
    corrections.settle(connection, plan.settled, now=now)
    queue.finish(connection, work)
    if touched:
        told = ",".join(map(str, sorted(touched)))
        connection.execute(
            "SELECT pg_notify('stories', %s)", (told if len(told) <= _NOTIFY_CHARS else _TOO_MANY,)
        )


def _final_stories(merges: Sequence[Merge]) -> dict[int, int]:
    """Where each merged story ends up when merges follow one another; one into itself is none."""
    into: dict[int, int] = {}
    for merge in merges:
        target = into.get(merge.into_id, merge.into_id)
        if target != merge.from_id:
            into = {from_id: target if to == merge.from_id else to for from_id, to in into.items()}
            into[merge.from_id] = target
    return into


def _stories_of(connection: Connection, article_ids: Sequence[int]) -> set[int]:
    rows = connection.execute(
        "SELECT DISTINCT story_id FROM articles WHERE id = ANY(%s) AND story_id IS NOT NULL",
        (list(article_ids),),
    ).fetchall()
    return {row["story_id"] for row in rows}


def _write_copies(connection: Connection, copies: Sequence[CopyOf], grouped: Sequence[int]) -> None:
    """Fold copies under their originals, never under another copy.

    An article that was grouped anew and is in no copy is one no longer; so is one that others are now folded under.
    """
    by_id = {copy.article_id: copy for copy in copies if copy.article_id != copy.original_id}
    originals = {copy.original_id for copy in by_id.values()} - set(by_id)
    connection.execute(
        """
        UPDATE articles SET copy_of = NULL, copy_similarity = NULL
        WHERE id = ANY(%s) AND copy_of IS NOT NULL
        """,
        ([article_id for article_id in {*grouped, *originals} if article_id not in by_id],),
    )
    if not by_id:
        return
    chosen = sorted(by_id.values(), key=lambda copy: copy.article_id)
    connection.execute(
        """
        UPDATE articles a SET copy_of = u.original_id, copy_similarity = u.similarity, agency = coalesce(u.agency, a.agency)
        FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::text[]) AS u (id, original_id, similarity, agency)
        WHERE a.id = u.id AND EXISTS (SELECT FROM articles WHERE id = u.original_id)
        """,
        (
            [copy.article_id for copy in chosen],
            [_root(copy.article_id, by_id) for copy in chosen],
            [copy.similarity for copy in chosen],
            [copy.agency for copy in chosen],
        ),
    )
    connection.execute(
        """
        UPDATE articles a SET copy_of = o.copy_of FROM articles o
        WHERE a.copy_of = ANY(%s) AND o.id = a.copy_of AND o.copy_of IS NOT NULL AND o.copy_of <> a.id
        """,
        ([copy.article_id for copy in chosen],),
    )


def _root(article_id: int, by_id: Mapping[int, CopyOf]) -> int:
    """The original at the end of a chain of copies; a circle ends where it would close."""
    seen = {article_id}
    original = by_id[article_id].original_id
    while original in by_id and by_id[original].original_id not in seen:
        seen.add(original)
        original = by_id[original].original_id
    return original


def _place(
    connection: Connection, placements: Sequence[Placement], grouped: Sequence[int], made_by: str
) -> None:
    last = {placement.article_id: placement for placement in placements}  # the later decision counts
    connection.execute(
        """
        UPDATE articles a SET story_id = u.story_id, story_similarity = u.similarity, grouped_by = %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::float8[]) AS u (id, story_id, similarity)
        WHERE a.id = u.id AND (a.story_id, a.story_similarity, a.grouped_by) IS DISTINCT FROM (u.story_id, u.similarity, %s)
        """,
        (
            made_by,
            list(last),
            [placement.story_id for placement in last.values()],
            [placement.similarity for placement in last.values()],
            made_by,
        ),
    )
    connection.execute(
        "UPDATE articles SET grouped_by = %s WHERE id = ANY(%s) AND grouped_by IS DISTINCT FROM %s",
        (made_by, list(grouped), made_by),
    )


def _split(connection: Connection, splits: Sequence[Split]) -> None:
    """Move articles from one story to another; how similar each was where it was placed stays with it."""
    for split in splits:
        connection.execute(
            "UPDATE articles SET story_id = %s WHERE id = ANY(%s) AND story_id = %s",
            (split.into_id, list(split.article_ids), split.from_id),
        )


def _write_desks(connection: Connection, desks: Mapping[int, DeskChoice | None]) -> None:
    chosen = sorted(desks.items())
    connection.execute(
        """
        UPDATE articles a SET desk = u.desk, desk_by = u.by, desk_sure = u.sure
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::real[]) AS u (id, desk, by, sure)
        WHERE a.id = u.id AND (a.desk, a.desk_by, a.desk_sure) IS DISTINCT FROM (u.desk, u.by, u.sure)
        """,
        (
            [article_id for article_id, _ in chosen],
            [desk.slug if desk else None for _, desk in chosen],
            [desk.by if desk else None for _, desk in chosen],
            [desk.sure if desk else None for _, desk in chosen],
        ),
    )


def _merge(connection: Connection, into: Mapping[int, int]) -> None:
    """Move the articles of merged stories; their addresses lead on, as do those that led to them (see story_now)."""
    if not into:
        return
    pairs = {"from_ids": list(into), "into_ids": list(into.values())}
    connection.execute(
        """
        UPDATE articles a SET story_id = u.into_id
        FROM unnest(%(from_ids)s::bigint[], %(into_ids)s::bigint[]) AS u (from_id, into_id) WHERE a.story_id = u.from_id
        """,
        pairs,
    )
    connection.execute(
        """
        INSERT INTO story_redirects (from_id, into_id)
        SELECT * FROM unnest(%(from_ids)s::bigint[], %(into_ids)s::bigint[])
        ON CONFLICT (from_id) DO UPDATE SET into_id = excluded.into_id
        """,
        pairs,
    )


_COUNT = f"""
INSERT INTO stories AS s (
    id, lead_id, rank, rank_reasons, article_count, publisher_count, report_count, first_at, last_at, desk
)
SELECT counted.story_id, lead.id, coalesce(ranked.rank, 0), coalesce(ranked.reasons, '{{}}'),
    counted.articles, counted.publishers, counted.reports, counted.first_at, counted.last_at, (
        -- A publisher's word counts whole, the text's as much as it is sure.
        SELECT a.desk FROM articles a WHERE a.story_id = counted.story_id AND a.desk IS NOT NULL
        GROUP BY a.desk ORDER BY sum(a.desk_sure) DESC, a.desk LIMIT 1
    )
FROM (
    -- A report is independent of the others when it is no copy within the story, and its voice's only one: that of the
    -- agency whose text it is, of its publisher's owner, or of its publisher (stories/ranking.voice).
    SELECT a.story_id, count(*) AS articles, count(DISTINCT a.publisher_id) AS publishers,
        count(DISTINCT lower(coalesce(a.agency, w.owner, 'publisher ' || a.publisher_id))) FILTER (WHERE o.id IS NULL) AS reports,
        min(a.at) AS first_at, max(a.at) AS last_at,
        mode() WITHIN GROUP (ORDER BY a.language) AS language
    FROM articles a LEFT JOIN articles o ON o.id = a.copy_of AND o.story_id = a.story_id
    JOIN publishers p ON p.id = a.publisher_id LEFT JOIN site_owners w ON w.site = p.site
    WHERE a.story_id = ANY(%(ids)s) GROUP BY a.story_id
) counted
JOIN LATERAL (
    -- The newest original that can be read in full and is long enough; failing that the best there is.
    SELECT a.id FROM articles a
    LEFT JOIN descriptions d ON d.article_id = a.id
    LEFT JOIN articles o ON o.id = a.copy_of AND o.story_id = a.story_id
    WHERE a.story_id = counted.story_id
    -- It speaks the language that most of the story is told in.  One without a date comes after those with one: its time is
    -- only that of our seeing it first.
    ORDER BY o.id IS NULL DESC, a.access = 'open' DESC, coalesce(d.word_count, 0) >= {SUBSTANTIAL_WORDS} DESC,
        a.language IS NOT DISTINCT FROM counted.language DESC, a.published_at IS NOT NULL DESC, a.at DESC, a.id DESC
    LIMIT 1
) lead ON true
LEFT JOIN unnest(%(ranked)s::bigint[], %(ranks)s::float8[], %(reasons)s::text[]) AS given (id, rank, reasons)
    ON given.id = counted.story_id
LEFT JOIN LATERAL (
    SELECT given.rank, ARRAY(SELECT json_array_elements_text(given.reasons::json)) AS reasons WHERE given.id IS NOT NULL
) ranked ON true
ON CONFLICT (id) DO UPDATE SET
    lead_id = excluded.lead_id, article_count = excluded.article_count, publisher_count = excluded.publisher_count,
    report_count = excluded.report_count, first_at = excluded.first_at, last_at = excluded.last_at, desk = excluded.desk,
    rank = CASE WHEN s.id = ANY(%(ranked)s) THEN excluded.rank ELSE s.rank END,
    rank_reasons = CASE WHEN s.id = ANY(%(ranked)s) THEN excluded.rank_reasons ELSE s.rank_reasons END
"""


def _count(connection: Connection, story_ids: Sequence[int], ranks: Mapping[int, StoryRank]) -> None:
    """Count the stories anew; one without articles ends, and one that lives again redirects no more."""
    if not story_ids and not ranks:
        return
    ids = list(story_ids)
    connection.execute(
        """
        DELETE FROM stories s WHERE id = ANY(%s) AND NOT EXISTS (SELECT FROM articles WHERE story_id = s.id)
        """,
        (ids,),
    )
    connection.execute(
        _COUNT,
        {
            "ids": ids,
            "ranked": list(ranks),
            "ranks": [rank.rank for rank in ranks.values()],
            "reasons": [as_json(list(rank.reasons)) for rank in ranks.values()],
        },
    )
    others = [story_id for story_id in ranks if story_id not in set(ids)]
    if others:
        connection.execute(
            """
            UPDATE stories s SET rank = u.rank, rank_reasons = ARRAY(SELECT json_array_elements_text(u.reasons::json))
            FROM unnest(%s::bigint[], %s::float8[], %s::text[]) AS u (id, rank, reasons) WHERE s.id = u.id
            """,
            (
                others,
                [ranks[i].rank for i in others],
                [as_json(list(ranks[i].reasons)) for i in others],
            ),
        )
    connection.execute(
        "DELETE FROM story_redirects r USING stories s WHERE r.from_id = s.id AND s.id = ANY(%s)", (ids,)
    )


def _await_link(connection: Connection, story_ids: Collection[int]) -> None:
    """Have those of these stories that just began looked at for what they continue (continuations.py)."""
    connection.execute(
        """
        INSERT INTO continuations (story_id)
        SELECT id FROM stories WHERE id = ANY(%s) AND article_count <= %s ORDER BY id
        ON CONFLICT (story_id) DO NOTHING
        """,
        (list(story_ids), LINKED_REPORTS),
    )


# ── the report that stands for a story ───────────────────────────────────────────────────────────────────────────────


def _leads(connection: Connection, story_ids: Collection[int]) -> dict[int, int]:
    rows = connection.execute("SELECT id, lead_id FROM stories WHERE id = ANY(%s)", (list(story_ids),))
    return {row["id"]: row["lead_id"] for row in rows.fetchall()}


def _choose_leads(
    connection: Connection, story_ids: Collection[int], before: Mapping[int, int], lead_of: LeadOf
) -> None:
    """Choose the leads of these stories among their newest originals; that of a single article is settled."""
    rows = connection.execute(
        """
        SELECT a.story_id, a.id, a.at, a.published_at, a.headline, a.section, a.url, a.language, a.access, a.dateline,
            d.word_count, m.name AS model, vector_send(v.headline) AS headline_vector, vector_send(v.body) AS body_vector,
            (SELECT count(*) FROM articles c WHERE c.copy_of = a.id AND c.story_id = a.story_id) AS copies
        FROM stories s CROSS JOIN LATERAL (
            SELECT a.* FROM articles a LEFT JOIN articles o ON o.id = a.copy_of AND o.story_id = a.story_id
            WHERE a.story_id = s.id AND o.id IS NULL ORDER BY a.at DESC, a.id DESC LIMIT %(most)s
        ) a
        LEFT JOIN descriptions d ON d.article_id = a.id
        LEFT JOIN models m ON m.id = d.model_id
        LEFT JOIN vectors v ON v.model_id = d.model_id AND v.article_id = d.article_id
        WHERE s.id = ANY(%(ids)s) AND s.article_count > 1
        """,
        {"ids": list(story_ids), "most": LEAD_CANDIDATES},
        binary=True,
    ).fetchall()
    candidates: dict[int, list[LeadCandidate]] = {}
    for row in rows:
        candidates.setdefault(row["story_id"], []).append(_candidate_of(row))
    chosen = {story_id: lead_of(some, before.get(story_id)) for story_id, some in candidates.items()}
    connection.execute(
        """
        UPDATE stories s SET lead_id = u.lead_id FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, lead_id)
        WHERE s.id = u.id AND s.lead_id <> u.lead_id
        """,
        (list(chosen), list(chosen.values())),
    )


def _candidate_of(row: Row) -> LeadCandidate:
    is_described = row["body_vector"] is not None
    return LeadCandidate(
        article_id=row["id"],
        at=row["at"],
        dated=row["published_at"] is not None,
        headline=row["headline"],
        section=row["section"],
        url=row["url"],
        language=row["language"],
        access=row["access"],
        word_count=row["word_count"] or 0,
        copy_count=row["copies"],
        has_dateline=bool(row["dateline"]),
        model=row["model"] if is_described else None,
        headline_vector=vector_of(row["headline_vector"]) if is_described else None,
        body_vector=vector_of(row["body_vector"]) if is_described else None,
    )


def story_now(connection: Connection, story_id: int) -> int:
    """The id under which a story lives today.  An article that is not placed yet is a story of its own.

    Raises NotFound.
    """
    current, seen = story_id, set[int]()
    while current not in seen:
        seen.add(current)
        row = connection.execute(
            """
            SELECT coalesce(
                (SELECT id FROM stories WHERE id = %(id)s),
                (SELECT into_id FROM story_redirects WHERE from_id = %(id)s),
                (SELECT coalesce(story_id, id) FROM articles WHERE id = %(id)s)
            ) AS id
            """,
            {"id": current},
        ).fetchone()
        if row is None or row["id"] is None:
            break
        if row["id"] == current:
            return current
        current = int(row["id"])
    raise takedowns.no_story(connection, current)
