"""The queue: which step each entry or article awaits.

A row is free when it is due; claiming it moves due_at to the end of its lease, so that a killed worker's rows become free by
themselves.  `lease` counts up whenever a row changes hands or what it is about changes: who comes back with an older number
has lost the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from tidings.model import Listed, Problem, QuarantineRow, Step, Work
from tidings.store.database import Connection
from tidings.store.values import key_parts, moment_of, next_key, problem_json, problem_of

# What was read once is looked at AGAIN behind everything else, and is not counted as work that waits.
LIVE, BULK, AGAIN = 0, 1, 2
STEPS: tuple[Step, ...] = get_args(Step)


def put(
    connection: Connection, step: Step, subject_ids: Sequence[int], *, priority: int, now: datetime
) -> None:
    """Queue a step; whoever works on one of the subjects now has lost it, since it changed meanwhile."""
    if not subject_ids:
        return
    connection.execute(
        """
        INSERT INTO work AS w (step, subject_id, priority, due_at)
        SELECT %(step)s, s, %(priority)s, %(now)s FROM unnest(%(subjects)s::bigint[]) s ORDER BY s
        ON CONFLICT (step, subject_id) DO UPDATE SET
            lease = w.lease + 1, leased = false, attempts = 0, died = 0, problem = NULL,
            due_at = least(CASE WHEN w.leased THEN excluded.due_at ELSE w.due_at END, excluded.due_at),
            priority = least(w.priority, excluded.priority)
        """,
        {"step": step, "subjects": list(subject_ids), "priority": priority, "now": now},
    )
    connection.execute(
        "DELETE FROM quarantine WHERE step = %s AND subject_id = ANY(%s)", (step, list(subject_ids))
    )
    notify(connection, step)


def put_again(connection: Connection, step: Step, subject_id: int, *, due_at: datetime) -> None:
    """Queue a later look at one subject, unless something nearer is queued for it already."""
    connection.execute(
        """
        INSERT INTO work (step, subject_id, priority, due_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (step, subject_id) DO NOTHING
        """,
        (step, subject_id, AGAIN, due_at),
    )


def notify(connection: Connection, step: Step) -> None:
    connection.execute("SELECT pg_notify('queue', %s)", (step,))


def claim(connection: Connection, step: Step, *, now: datetime, limit: int, lease_s: float) -> list[Work]:
    """Lease due rows of a step, live news first, then the oldest."""
    claimed: list[Work] = []
    for priority in (LIVE, BULK, AGAIN):  # one range of the index each
        if len(claimed) >= limit:
            break
        rows = connection.execute(
            """
            UPDATE work SET
                due_at = %(until)s, lease = lease + 1, leased = true,
                died = died + leased::int  -- nobody came back while the lease ran
            WHERE id = ANY(ARRAY(
                SELECT id FROM work
                WHERE step = %(step)s AND priority = %(priority)s AND due_at <= %(now)s
                ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
            ))
            RETURNING id, step, subject_id, attempts, lease, died
            """,
            {
                "until": now + timedelta(seconds=lease_s),
                "step": step,
                "priority": priority,
                "now": now,
                "limit": limit - len(claimed),
            },
        ).fetchall()
        claimed.extend(Work(**row) for row in sorted(rows, key=lambda row: int(row["id"])))
    return claimed


def finish(connection: Connection, work: Sequence[Work]) -> dict[int, int]:
    """Take rows out of the queue; returns the subjects of those that were still held, each with its priority."""
    if not work:
        return {}
    rows = connection.execute(
        f"""
        DELETE FROM work USING {_HELD} WHERE work.id = held.id AND work.lease = held.lease
        RETURNING subject_id, priority
        """,
        _held(work),
    ).fetchall()
    return {row["subject_id"]: row["priority"] for row in rows}


def finish_read(connection: Connection, work: Work, *, again_at: datetime | None = None) -> None:
    """Take a read row out of the queue because nothing came of it; at again_at there is another look."""
    if finish(connection, [work]) and again_at is not None:
        put_again(connection, "read", work.subject_id, due_at=again_at)


def postpone(
    connection: Connection, work: Sequence[Work], *, until: datetime, problem: Problem | None = None
) -> None:
    if work:
        connection.execute(
            f"""
            UPDATE work SET due_at = %(until)s, leased = false, lease = work.lease + 1,
                attempts = attempts + %(counts)s, problem = coalesce(%(problem)s::json, problem)
            FROM {_HELD} WHERE work.id = held.id AND work.lease = held.lease
            """,
            {
                **_held(work),
                "until": until,
                "counts": int(problem is not None),
                "problem": problem_json(problem),
            },
        )


_HELD = "unnest(%(ids)s::bigint[], %(leases)s::int[]) AS held (id, lease)"


def _held(work: Sequence[Work]) -> dict[str, Any]:
    return {"ids": [row.id for row in work], "leases": [row.lease for row in work]}


def drop(connection: Connection, steps: Sequence[Step], subject_ids: Sequence[int]) -> None:
    """Forget what waits of these subjects and what was set aside; who works on one now has lost its row."""
    for table in ("work", "quarantine"):
        connection.execute(
            f"DELETE FROM {table} WHERE step = ANY(%s) AND subject_id = ANY(%s)",
            (list(steps), list(subject_ids)),
        )


# ── set aside ────────────────────────────────────────────────────────────────────────────────────────────────────────


def quarantine(connection: Connection, work: Work, *, problem: Problem, made_by: str, now: datetime) -> None:
    connection.execute(
        """
        WITH gone AS (DELETE FROM work WHERE id = %(id)s AND lease = %(lease)s RETURNING *)
        INSERT INTO quarantine (work_id, step, subject_id, priority, problem, made_by, attempts, at)
        SELECT id, step, subject_id, priority, %(problem)s::json, %(made_by)s, attempts + died + 1, %(now)s FROM gone
        ON CONFLICT (step, subject_id) DO UPDATE SET
            problem = excluded.problem, made_by = excluded.made_by, attempts = excluded.attempts, at = excluded.at
        """,
        {
            "id": work.id,
            "lease": work.lease,
            "problem": problem_json(problem),
            "made_by": made_by,
            "now": now,
        },
    )


def quarantined(
    connection: Connection, *, after: str | None = None, limit: int = 50
) -> Listed[QuarantineRow]:
    """Rows set aside, the last one first."""
    key = key_parts(after, int, int)
    before = moment_of(key[0]) if key else None
    beyond = "WHERE (q.at, q.work_id) < (%(before)s, %(id)s)" if before else ""
    rows = connection.execute(
        f"""
        SELECT q.*, e.feed_id,
            coalesce(e.url, a.url) AS url, coalesce(e.title, a.headline, '') AS title
        FROM quarantine q
        LEFT JOIN entries e ON q.step = 'read' AND e.id = q.subject_id
        LEFT JOIN articles a ON q.step <> 'read' AND a.id = q.subject_id
        {beyond}
        ORDER BY q.at DESC, q.work_id DESC LIMIT %(limit)s
        """,
        {"before": before, "id": key[1] if key else None, "limit": limit + 1},
    ).fetchall()
    shown = tuple(
        QuarantineRow(
            work_id=row["work_id"],
            step=row["step"],
            subject_id=row["subject_id"],
            feed_id=row["feed_id"],
            url=row["url"],
            title=row["title"],
            problem=problem_of(row["problem"]) or Problem("unexpected", ""),
            attempts=row["attempts"],
            at=row["at"],
        )
        for row in rows[:limit]
    )
    return Listed(shown, next_key(rows, limit, "at", "work_id"))


def release(
    connection: Connection, *, step: Step | None = None, work_id: int | None = None, now: datetime
) -> int:
    """Put quarantined rows back in the queue, all or those given; returns how many."""
    return _release(
        connection,
        """(%(step)s::text IS NULL OR step = %(step)s) AND (%(work_id)s::bigint IS NULL OR work_id = %(work_id)s)""",
        {"step": step, "work_id": work_id, "now": now},
    )


def release_made_by_others(connection: Connection, step: Step, *, made_by: str | None, now: datetime) -> int:
    """Put back the rows of a step that another version failed on (None: all of them); returns how many."""
    return _release(
        connection,
        "step = %(step)s AND (%(made_by)s::text IS NULL OR made_by <> %(made_by)s)",
        {"step": step, "made_by": made_by, "now": now},
    )


def _release(connection: Connection, which: str, parameters: dict[str, Any]) -> int:
    rows = connection.execute(
        f"""
        WITH freed AS (DELETE FROM quarantine WHERE {which} RETURNING step, subject_id, priority),
        queued AS (
            INSERT INTO work (step, subject_id, priority, due_at)
            SELECT step, subject_id, least(priority, %(bulk)s), %(now)s FROM freed ORDER BY step, subject_id
            ON CONFLICT (step, subject_id) DO NOTHING
        )
        SELECT step, count(*) AS n FROM freed GROUP BY step
        """,
        {**parameters, "bulk": BULK},
    ).fetchall()
    for row in rows:
        notify(connection, row["step"])
    return sum(int(row["n"]) for row in rows)


def queue_depths(connection: Connection) -> dict[str, int]:
    depths: dict[str, int] = {**dict.fromkeys(STEPS, 0), "quarantined": 0}
    rows = connection.execute(
        """
        SELECT step, count(*) AS n FROM work WHERE priority < %s OR leased GROUP BY step
        UNION ALL SELECT 'quarantined', count(*) FROM quarantine
        """,
        (AGAIN,),
    ).fetchall()
    return depths | {row["step"]: int(row["n"]) for row in rows}


def queue_lags(connection: Connection, *, now: datetime) -> dict[str, float]:
    lags = dict.fromkeys(("poll", *STEPS), 0.0)
    rows = connection.execute(
        """
        SELECT step, min(due_at) AS since FROM work WHERE due_at <= %(now)s AND priority < %(again)s GROUP BY step
        UNION ALL SELECT 'poll', min(next_poll_at) FROM feeds
        WHERE status = 'active' AND next_poll_at <= %(now)s AND (leased_until IS NULL OR leased_until <= %(now)s)
        """,
        {"now": now, "again": AGAIN},
    ).fetchall()
    return lags | {row["step"]: (now - row["since"]).total_seconds() for row in rows if row["since"]}
