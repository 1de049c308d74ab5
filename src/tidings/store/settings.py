"""Kept facts of this instance, by name."""

from __future__ import annotations

from tidings.store.database import Connection


def setting(connection: Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM settings WHERE key = %s", (key,)).fetchone()
    return row["value"] if row else None


def keep_setting(connection: Connection, key: str, value: str, *, only_if_absent: bool = False) -> str:
    """Return the value now kept: the given one, or with only_if_absent the one that was there first."""
    row = connection.execute(
        """
        INSERT INTO settings AS kept (key, value) VALUES (%s, %s)
        ON CONFLICT (key) DO UPDATE SET value = CASE WHEN %s THEN kept.value ELSE excluded.value END
        RETURNING value
        """,
        (key, value, only_if_absent),
    ).fetchone()
    assert row is not None
    return str(row["value"])
