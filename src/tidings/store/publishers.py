"""Publishers: one for each site, found when a feed or an article names it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tidings.model import Listed, Publisher
from tidings.store.database import Connection, Row, storable
from tidings.store.values import key_parts, next_key
from tidings.urls import site_of

BY_SITE, BY_FEED, BY_PAGES = 0, 1, 2  # who named it; a better authority may rename it

PUBLISHER = """
    p.id AS publisher_id, p.name AS publisher_name, p.site_url AS publisher_site_url, p.language AS publisher_language,
    (SELECT w.owner FROM site_owners w WHERE w.site = p.site) AS publisher_owner
"""
NAME_CHARS = 120
_SORT_NAME = "left(lower(p.name), 24)"  # no longer, so that a list's key fits an address; the id decides among the rest


def publisher_of(row: Row) -> Publisher:
    """Return the publisher of a row that selected PUBLISHER."""
    return Publisher(
        row["publisher_id"],
        row["publisher_name"],
        row["publisher_site_url"],
        row["publisher_language"],
        row["publisher_owner"],
    )


def found_or_made(
    connection: Connection,
    address: str,
    *,
    name: str = "",
    site_url: str | None = None,
    language: str | None = None,
) -> int:
    """Return the publisher of the site at an address, made when it is new."""
    site = site_of(address) or address[:200]
    found = connection.execute("SELECT id FROM publishers WHERE site = %s", (site,)).fetchone()
    if found is None:
        found = connection.execute(
            """
            INSERT INTO publishers AS p (site, name, named_by, site_url, language) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (site) DO UPDATE SET site = p.site RETURNING id
            """,
            (site, _short(name) or site, BY_FEED if _short(name) else BY_SITE, site_url, language),
        ).fetchone()
        assert found is not None
    return int(found["id"])


def learn(
    connection: Connection,
    publisher_id: int,
    *,
    name: str,
    named_by: int,
    site_url: str | None = None,
    language: str | None = None,
) -> None:
    """Take over a name from a better authority than the one that named it, and what was not known yet."""
    connection.execute(
        """
        UPDATE publishers SET
            name = CASE WHEN %(name)s <> '' AND named_by < %(by)s THEN %(name)s ELSE name END,
            named_by = CASE WHEN %(name)s <> '' THEN greatest(named_by, %(by)s) ELSE named_by END,
            site_url = coalesce(site_url, %(site_url)s),
            language = coalesce(language, %(language)s)
        WHERE id = %(id)s AND (
            (%(name)s <> '' AND named_by < %(by)s)
            OR (site_url IS NULL AND %(site_url)s::text IS NOT NULL)
            OR (language IS NULL AND %(language)s::text IS NOT NULL)
        )
        """,
        {
            "id": publisher_id,
            "name": _short(name),
            "by": named_by,
            "site_url": site_url,
            "language": language,
        },
    )


def _short(name: str) -> str:
    return " ".join(name.split())[:NAME_CHARS]


def forget_unused(connection: Connection, publisher_id: int) -> None:
    """Remove a publisher that has neither feeds nor articles."""
    connection.execute(
        """
        DELETE FROM publishers p WHERE p.id = %s
            AND NOT EXISTS (SELECT FROM feeds WHERE publisher_id = p.id)
            AND NOT EXISTS (SELECT FROM articles WHERE publisher_id = p.id)
        """,
        (publisher_id,),
    )


def publishers_page(
    connection: Connection, *, after: str | None = None, limit: int = 100
) -> Listed[tuple[Publisher, datetime | None]]:
    """Publishers by name, each with the time of its newest article, None when it has none."""
    key = key_parts(after, str, int)
    rows = connection.execute(
        f"""
        SELECT {PUBLISHER}, {_SORT_NAME} AS sort_name, newest.at AS newest_at FROM publishers p
        LEFT JOIN LATERAL (
            SELECT a.at FROM articles a WHERE a.publisher_id = p.id ORDER BY a.at DESC, a.id DESC LIMIT 1
        ) newest ON true
        {f"WHERE ({_SORT_NAME}, p.id) > (%(name)s, %(id)s)" if key else ""}
        ORDER BY sort_name, p.id LIMIT %(limit)s
        """,
        {"name": storable(key[0]) if key else None, "id": key[1] if key else None, "limit": limit + 1},
    ).fetchall()
    shown = tuple((publisher_of(row), row["newest_at"]) for row in rows[:limit])
    return Listed(shown, next_key(rows, limit, "sort_name", "publisher_id"))


def publishers(connection: Connection) -> list[Publisher]:
    """Every publisher, by name."""
    rows = connection.execute(f"SELECT {PUBLISHER} FROM publishers p").fetchall()
    return sorted((publisher_of(row) for row in rows), key=lambda p: (p.name.casefold(), p.id))


# ── owners ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def keep_owners(connection: Connection, owners: Mapping[str, str]) -> list[int]:
    """Take over who owns which site; returns the publishers for which that changed."""
    rows = connection.execute("SELECT site, owner FROM site_owners").fetchall()
    known: dict[str, str] = {row["site"]: row["owner"] for row in rows}
    changed = [site for site in {*known, *owners} if known.get(site) != owners.get(site)]
    if not changed:
        return []
    connection.execute("DELETE FROM site_owners WHERE site = ANY(%s)", (changed,))
    named = [site for site in changed if site in owners]
    connection.execute(
        "INSERT INTO site_owners (site, owner) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING",
        (named, [owners[site] for site in named]),
    )
    found = connection.execute("SELECT id FROM publishers WHERE site = ANY(%s) ORDER BY id", (changed,))
    return [row["id"] for row in found.fetchall()]


def owners(connection: Connection) -> dict[int, str]:
    """The owner of each publisher that has one."""
    rows = connection.execute(
        "SELECT p.id, w.owner FROM site_owners w JOIN publishers p ON p.site = w.site"
    ).fetchall()
    return {row["id"]: row["owner"] for row in rows}
