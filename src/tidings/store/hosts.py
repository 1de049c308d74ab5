"""What all workers share about one host: its turn, its robots.txt, its wish to be left alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from tidings.store.database import Connection

FURTHEST_S = 5.0  # a turn further away than this is not reserved: the caller postpones its work instead


def take_turn(connection: Connection, host: str, *, now: datetime, spacing_s: float) -> float:
    """Return the seconds to wait for the host's next free turn, reserving it when it is near."""
    row = connection.execute(
        """
        INSERT INTO hosts AS h (host, slot_at, next_at) VALUES (%(host)s, %(now)s, %(now)s::timestamptz + %(spacing)s)
        ON CONFLICT (host) DO UPDATE SET
            slot_at = greatest(h.next_at, h.alone_until, %(now)s),
            next_at = CASE
                WHEN greatest(h.next_at, h.alone_until, %(now)s) <= %(now)s::timestamptz + %(furthest)s
                THEN greatest(h.next_at, h.alone_until, %(now)s) + %(spacing)s
                ELSE h.next_at
            END
        RETURNING slot_at
        """,
        {
            "host": host,
            "now": now,
            "furthest": timedelta(seconds=FURTHEST_S),
            "spacing": timedelta(seconds=spacing_s),
        },
    ).fetchone()
    assert row is not None
    return max(0.0, float((row["slot_at"] - now).total_seconds()))


def leave_alone(connection: Connection, host: str, *, until: datetime) -> None:
    """Give no turn before `until`; a longer wish made earlier stands."""
    connection.execute(
        """
        INSERT INTO hosts (host, alone_until) VALUES (%s, %s)
        ON CONFLICT (host) DO UPDATE SET alone_until = greatest(hosts.alone_until, excluded.alone_until)
        """,
        (host, until),
    )


def robots(connection: Connection, host: str) -> tuple[datetime, int, bytes] | None:
    row = connection.execute(
        "SELECT robots_at, robots_status, robots_body FROM hosts WHERE host = %s AND robots_at IS NOT NULL",
        (host,),
    ).fetchone()
    return (row["robots_at"], row["robots_status"], row["robots_body"]) if row else None


def keep_robots(connection: Connection, host: str, *, fetched_at: datetime, status: int, body: bytes) -> None:
    connection.execute(
        """
        INSERT INTO hosts (host, robots_at, robots_status, robots_body) VALUES (%s, %s, %s, %s)
        ON CONFLICT (host) DO UPDATE SET
            robots_at = excluded.robots_at, robots_status = excluded.robots_status, robots_body = excluded.robots_body
        """,
        (host, fetched_at, status, body),
    )
