"""Entities: who is named where, the spellings that mean each, and what the operator corrected about them.

The one writer of stories makes entities and mentions (write); the operator's edits move spellings and mentions between them and
stay: a spelling that was given means that entity, one that was taken away is not learned again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from tidings.errors import Conflict, NotFound
from tidings.model import (
    EntityAlias,
    EntityCard,
    EntityEdit,
    EntityKind,
    EntityMention,
    EntityPlan,
    EntityView,
    KnownEntities,
    KnownEntity,
    Listed,
    NamedIn,
    Place,
)
from tidings.store import cards
from tidings.store.database import Connection, Row, storable
from tidings.store.publishers import PUBLISHER, publisher_of
from tidings.store.values import as_json, key_parts, moment_of, next_key

ALIASES = 100  # kept for one entity
SETTLED_AFTER = 200  # articles; label and kind do not change for what one more says
SPARE_IDS = 32  # beyond one for each unknown name: for namesakes
LOOKED_AT = 8  # of an entity's newest articles, for the company it keeps
BESIDE = 12
NAMESAKES = 10
STORIES = 6
DAYS = 400  # of its past that its page shows
EDITS = 20

# ── linking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def known_entities(connection: Connection, *, keys: Iterable[str], story_ids: Iterable[int]) -> KnownEntities:
    """The entities that have one of these spellings or are named in one of these stories, and ids for new ones."""
    wanted = sorted({storable(key) for key in keys})
    stories = sorted(story_ids)
    rows = connection.execute(
        """
        WITH named AS (
            SELECT n.entity_id, array_agg(DISTINCT a.story_id) AS story_ids
            FROM articles a JOIN article_entities n ON n.article_id = a.id WHERE a.story_id = ANY(%(stories)s) GROUP BY n.entity_id
        ), spelled AS (
            SELECT DISTINCT entity_id FROM entity_aliases WHERE key = ANY(%(keys)s) AND NOT refused
        )
        SELECT e.id, e.label, e.kind, e.place::text, e.article_count, coalesce(named.story_ids, '{}') AS story_ids,
            spellings.*, company.ids AS company, roles.roles
        FROM (SELECT entity_id FROM named UNION SELECT entity_id FROM spelled) wanted
        JOIN entities e ON e.id = wanted.entity_id AND e.merged_into IS NULL
        LEFT JOIN named ON named.entity_id = e.id
        CROSS JOIN LATERAL (
            SELECT array_agg(key) FILTER (WHERE NOT refused) AS aliases, array_agg(key) FILTER (WHERE given) AS given,
                array_agg(key) FILTER (WHERE refused) AS refused
            FROM entity_aliases WHERE entity_id = e.id
        ) spellings
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT o.entity_id) AS ids
            FROM (
                SELECT article_id FROM article_entities WHERE entity_id = e.id AND e.kind = 'person'
                ORDER BY at DESC LIMIT %(most)s
            ) latest
            JOIN article_entities o ON o.article_id = latest.article_id
            WHERE o.entity_id <> e.id AND o.kind IN ('person', 'organisation')
        ) company
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT role) AS roles FROM (
                SELECT roles FROM article_entities WHERE entity_id = e.id AND e.kind = 'person' ORDER BY at DESC LIMIT %(most)s
            ) latest, unnest(latest.roles) role
        ) roles
        ORDER BY e.id
        """,
        {"keys": wanted, "stories": stories, "most": LOOKED_AT},
    ).fetchall()
    unknown = set(wanted).difference(*(row["aliases"] or () for row in rows))
    ids = connection.execute(
        "SELECT nextval('entity_ids') AS id FROM generate_series(1, %s)", (len(unknown) + SPARE_IDS,)
    ).fetchall()
    return KnownEntities(tuple(map(_known_of, rows)), tuple(sorted(row["id"] for row in ids)))


def _known_of(row: Row) -> KnownEntity:
    return KnownEntity(
        id=row["id"],
        label=row["label"],
        kind=row["kind"],
        aliases=frozenset(row["aliases"] or ()),
        given=frozenset(row["given"] or ()),
        refused=frozenset(row["refused"] or ()),
        story_ids=frozenset(row["story_ids"]),
        company=frozenset(row["company"] or ()),
        roles=frozenset(row["roles"] or ()),
        place=_place_of(row["place"]),
        article_count=row["article_count"],
    )


def _place_of(kept: str | None) -> Place | None:
    return Place(**json.loads(kept)) if kept else None


def _place_json(place: Place | None) -> str | None:
    return as_json(asdict(place)) if place else None


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write(connection: Connection, plan: EntityPlan) -> None:
    """Make what is new, learn spellings, and replace the mentions of the plan's articles.  Doing it twice changes nothing."""
    if not plan.mentions:
        return
    connection.execute(
        """
        INSERT INTO entities (id, label, kind, is_settled, language, place, made_by)
        SELECT id, label, kind, is_settled, language, place::json, %s
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bool[], %s::text[], %s::text[])
            AS u (id, label, kind, is_settled, language, place)
        ON CONFLICT (id) DO NOTHING
        """,
        (
            plan.made_by,
            [e.id for e in plan.new],
            [storable(e.label) for e in plan.new],
            [e.kind for e in plan.new],
            [e.is_settled for e in plan.new],
            [e.language for e in plan.new],
            [_place_json(e.place) for e in plan.new],
        ),
    )
    learned = [(e.id, key, words) for e in plan.new for key, words in e.aliases.items()] + [
        (entity_id, key, words) for entity_id, found in plan.aliases.items() for key, words in found.items()
    ]
    today = _today(connection, {entity_id for entity_id, _, _ in learned} | _mentioned(plan))
    _learn(connection, [(today[i], key, words) for i, key, words in learned if i in today])
    connection.execute(
        """
        UPDATE entities e SET place = u.place::json FROM unnest(%s::bigint[], %s::text[]) AS u (id, place)
        WHERE e.id = u.id AND e.place IS NULL
        """,
        (list(plan.places), [_place_json(place) for place in plan.places.values()]),
    )
    _replace_mentions(connection, plan.mentions, today)
    _settle(connection, sorted({today[i] for i in _mentioned(plan) if i in today}))


def _mentioned(plan: EntityPlan) -> set[int]:
    return {mention.entity_id for found in plan.mentions.values() for mention in found}


def _today(connection: Connection, entity_ids: Iterable[int]) -> dict[int, int]:
    """Under which id each lives today; the operator may have merged it since the plan was made."""
    rows = connection.execute(
        """
        WITH RECURSIVE led (id, now_id, merged_into) AS (
            SELECT id, id, merged_into FROM entities WHERE id = ANY(%s)
            UNION SELECT led.id, e.id, e.merged_into FROM led JOIN entities e ON e.id = led.merged_into
        )
        SELECT id, now_id FROM led WHERE merged_into IS NULL
        """,
        (sorted(entity_ids),),
    ).fetchall()
    return {row["id"]: row["now_id"] for row in rows}


def _learn(connection: Connection, learned: Sequence[tuple[int, str, str]]) -> None:
    connection.execute(
        """
        INSERT INTO entity_aliases (entity_id, key, spelling)
        SELECT u.entity_id, u.key, min(u.spelling) FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS u (entity_id, key, spelling)
        WHERE (SELECT count(*) FROM entity_aliases a WHERE a.entity_id = u.entity_id) < %s
        GROUP BY u.entity_id, u.key
        ON CONFLICT (entity_id, key) DO NOTHING
        """,
        (
            [entity_id for entity_id, _, _ in learned],
            [storable(key) for _, key, _ in learned],
            [storable(words) for _, _, words in learned],
            ALIASES,
        ),
    )


def _replace_mentions(
    connection: Connection, mentions: Mapping[int, Sequence[EntityMention]], today: Mapping[int, int]
) -> None:
    rows: dict[tuple[int, int], EntityMention] = {}
    for article_id, found in mentions.items():
        for mention in found:
            if mention.entity_id in today:
                rows.setdefault((article_id, today[mention.entity_id]), mention)
    connection.execute(
        """
        DELETE FROM article_entities n USING unnest(%s::bigint[]) AS u (article_id)
        WHERE n.article_id = u.article_id
            AND NOT EXISTS (SELECT FROM unnest(%s::bigint[], %s::bigint[]) AS k (a, e) WHERE k.a = n.article_id AND k.e = n.entity_id)
        """,
        (sorted(mentions), [a for a, _ in rows], [e for _, e in rows]),
    )
    connection.execute(
        """
        INSERT INTO article_entities AS n (article_id, entity_id, at, kind, words, keys, mentions, in_headline, roles)
        SELECT a.id, u.entity_id, a.at, u.kind, ARRAY(SELECT json_array_elements_text(u.words::json)),
            ARRAY(SELECT json_array_elements_text(u.keys::json)), u.mentions, u.in_headline,
            ARRAY(SELECT json_array_elements_text(u.roles::json))
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[], %s::bool[], %s::text[])
            AS u (article_id, entity_id, kind, words, keys, mentions, in_headline, roles)
        JOIN articles a ON a.id = u.article_id
        ON CONFLICT (article_id, entity_id) DO UPDATE SET at = excluded.at, kind = excluded.kind, words = excluded.words,
            keys = excluded.keys, mentions = excluded.mentions, in_headline = excluded.in_headline, roles = excluded.roles
        WHERE (n.at, n.kind, n.words, n.keys, n.mentions, n.in_headline, n.roles) IS DISTINCT FROM (excluded.at, excluded.kind,
            excluded.words, excluded.keys, excluded.mentions, excluded.in_headline, excluded.roles)
        """,
        (
            [article_id for article_id, _ in rows],
            [entity_id for _, entity_id in rows],
            [m.kind for m in rows.values()],
            [as_json(m.words) for m in rows.values()],
            [as_json(m.keys) for m in rows.values()],
            [m.count for m in rows.values()],
            [m.in_headline for m in rows.values()],
            [as_json(m.roles) for m in rows.values()],
        ),
    )


def _settle(connection: Connection, entity_ids: Sequence[int]) -> None:
    """Give entities the label and the kind that most of their articles have for them, while they are few."""
    connection.execute(
        """
        UPDATE entities e SET label = said.label, kind = said.kind FROM (
            SELECT n.entity_id, mode() WITHIN GROUP (ORDER BY n.words[1]) AS label, mode() WITHIN GROUP (ORDER BY n.kind) AS kind
            FROM article_entities n JOIN entities e ON e.id = n.entity_id
            WHERE n.entity_id = ANY(%s) AND NOT e.is_settled AND e.article_count <= %s AND cardinality(n.keys) > 0
                AND NOT (n.words[1] = upper(n.words[1]) AND n.words[1] LIKE '%% %%')
            GROUP BY n.entity_id
        ) said
        WHERE e.id = said.entity_id AND (e.label, e.kind) IS DISTINCT FROM (said.label, said.kind)
        """,
        (list(entity_ids), SETTLED_AFTER),
    )


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_CARD = """
    SELECT e.id, e.label, e.kind, e.article_count, e.last_at, e.place::text, said.roles FROM entities e
    LEFT JOIN LATERAL (
        SELECT array_agg(role ORDER BY n DESC, role) AS roles FROM (
            SELECT role, count(*) AS n FROM (
                SELECT roles FROM article_entities WHERE entity_id = e.id AND e.kind = 'person' ORDER BY at DESC LIMIT 30
            ) latest, unnest(latest.roles) role
            GROUP BY role HAVING count(*) * 4 >= least(30, e.article_count) ORDER BY n DESC, role LIMIT 2
        ) counted
    ) said ON true
"""


def _card_of(row: Row, recent: int = 0) -> EntityCard:
    return EntityCard(
        id=row["id"],
        label=row["label"],
        kind=row["kind"],
        article_count=row["article_count"],
        last_at=row["last_at"],
        recent_count=recent,
        place=_place_of(row["place"]),
        roles=tuple(row["roles"] or ()),
    )


def entity_now(connection: Connection, entity_id: int) -> int:
    """The id under which an entity lives today: itself, or what it was merged into.  Raises NotFound."""
    found = _today(connection, [entity_id]).get(entity_id)
    if found is None:
        raise _nobody(entity_id)
    return found


def _nobody(entity_id: int) -> NotFound:
    return NotFound(f"entity {entity_id}", "Nobody here is known under this address.")


def entities_page(
    connection: Connection,
    *,
    since: datetime,
    kind: EntityKind | None = None,
    named: str = "",
    after: str | None = None,
    limit: int = 60,
) -> Listed[EntityCard]:
    """Entities that most articles name since then; with `named` those that have a spelling beginning so, of any time."""
    key = key_parts(after, int, int)
    beyond = "WHERE (recent, id) < (%(count)s, %(id)s)" if key else ""
    of_kind = "AND e.kind = %(kind)s" if kind else ""
    if named:
        counted = f"""
            SELECT e.id, e.article_count::bigint AS recent FROM entities e
            WHERE e.merged_into IS NULL AND e.article_count > 0 {of_kind} AND EXISTS (
                SELECT FROM entity_aliases a WHERE a.entity_id = e.id AND NOT a.refused AND a.key ^@ %(named)s
            )
        """
    else:
        counted = f"""
            SELECT n.entity_id AS id, count(*) AS recent FROM article_entities n JOIN entities e ON e.id = n.entity_id
            WHERE n.at >= %(since)s {of_kind} GROUP BY n.entity_id
        """
    rows = connection.execute(
        f"SELECT id, recent FROM ({counted}) counted {beyond} ORDER BY recent DESC, id DESC LIMIT %(limit)s",
        {
            "since": since,
            "kind": kind,
            "named": storable(named),
            "count": key[0] if key else None,
            "id": key[1] if key else None,
            "limit": limit + 1,
        },
    ).fetchall()
    counts = {row["id"]: row["recent"] for row in rows[:limit]}
    shown = entity_cards(connection, list(counts), recent={} if named else counts)
    return Listed(tuple(shown), next_key(rows, limit, "recent", "id"))


def entity_cards(
    connection: Connection, entity_ids: Sequence[int], *, recent: Mapping[int, int] | None = None
) -> list[EntityCard]:
    """Cards in the order asked for; unknown ids are left out."""
    rows = connection.execute(f"{_CARD} WHERE e.id = ANY(%s)", (list(entity_ids),)).fetchall()
    found = {row["id"]: _card_of(row, (recent or {}).get(row["id"], 0)) for row in rows}
    return [found[i] for i in entity_ids if i in found]


def named_in(connection: Connection, article_id: int) -> list[NamedIn]:
    """Who is named in an article: in its headline first, then the most mentioned."""
    rows = connection.execute(
        """
        SELECT entity_id, words, mentions, in_headline FROM article_entities WHERE article_id = %s
        ORDER BY in_headline DESC, mentions DESC, entity_id
        """,
        (article_id,),
    ).fetchall()
    shown = {card.id: card for card in entity_cards(connection, [row["entity_id"] for row in rows])}
    return [
        NamedIn(shown[row["entity_id"]], tuple(row["words"]), row["mentions"], row["in_headline"])
        for row in rows
        if row["entity_id"] in shown
    ]


def entity_view(
    connection: Connection, entity_id: int, *, now: datetime, after: str | None = None, limit: int = 20
) -> EntityView:
    """An entity's page.  Raises NotFound."""
    current = entity_now(connection, entity_id)
    found = entity_cards(connection, [current])
    if not found:  # all that named it was taken down since
        raise _nobody(entity_id)
    listed, spellings = _articles_naming(connection, current, after=after, limit=limit)
    return EntityView(
        card=found[0],
        aliases=_aliases(connection, current),
        namesakes=_namesakes(connection, current),
        beside=_beside(connection, current),
        by_publisher=_by_publisher(connection, current),
        by_day=_by_day(connection, current, since=now - timedelta(days=DAYS)),
        stories=_stories_naming(connection, current),
        articles=listed,
        spellings=spellings,
        edits=entity_edits(connection, current),
    )


def _articles_naming(
    connection: Connection, entity_id: int, *, after: str | None, limit: int
) -> tuple[Listed[Any], dict[int, tuple[str, ...]]]:
    key = key_parts(after, int, int)
    at = moment_of(key[0]) if key else None
    beyond = "AND (at, article_id) < (%(at)s, %(id)s)" if key and at else ""
    rows = connection.execute(
        f"""
        SELECT article_id, at, words FROM article_entities WHERE entity_id = %(entity)s {beyond}
        ORDER BY at DESC, article_id DESC LIMIT %(limit)s
        """,
        {"entity": entity_id, "at": at, "id": key[1] if key else None, "limit": limit + 1},
    ).fetchall()
    shown = cards.cards(connection, [row["article_id"] for row in rows[:limit]])
    spellings = {row["article_id"]: tuple(row["words"]) for row in rows[:limit]}
    return Listed(tuple(shown), next_key(rows, limit, "at", "article_id")), spellings


def _aliases(connection: Connection, entity_id: int) -> tuple[EntityAlias, ...]:
    rows = connection.execute(
        """
        SELECT a.key, a.spelling, a.given, coalesce(used.n, 0) AS n FROM entity_aliases a
        LEFT JOIN (
            SELECT key, count(*) AS n FROM (
                SELECT keys FROM article_entities WHERE entity_id = %(id)s ORDER BY at DESC LIMIT 1000
            ) latest, unnest(latest.keys) key GROUP BY key
        ) used ON used.key = a.key
        WHERE a.entity_id = %(id)s AND NOT a.refused ORDER BY n DESC, a.given DESC, a.spelling
        """,
        {"id": entity_id},
    ).fetchall()
    return tuple(EntityAlias(row["key"], row["spelling"], row["given"], row["n"]) for row in rows)


def _namesakes(connection: Connection, entity_id: int) -> tuple[EntityCard, ...]:
    rows = connection.execute(
        """
        SELECT DISTINCT o.entity_id FROM entity_aliases a JOIN entity_aliases o ON o.key = a.key AND o.entity_id <> a.entity_id
        JOIN entities e ON e.id = o.entity_id
        WHERE a.entity_id = %s AND NOT a.refused AND NOT o.refused AND e.merged_into IS NULL AND e.article_count > 0 LIMIT %s
        """,
        (entity_id, NAMESAKES),
    ).fetchall()
    return tuple(entity_cards(connection, sorted(row["entity_id"] for row in rows)))


def _beside(connection: Connection, entity_id: int) -> tuple[tuple[EntityCard, int], ...]:
    rows = connection.execute(
        """
        SELECT o.entity_id, count(*) AS n FROM (
            SELECT article_id FROM article_entities WHERE entity_id = %(id)s ORDER BY at DESC LIMIT 300
        ) latest
        JOIN article_entities o ON o.article_id = latest.article_id AND o.entity_id <> %(id)s
        GROUP BY o.entity_id ORDER BY n DESC, o.entity_id LIMIT %(most)s
        """,
        {"id": entity_id, "most": BESIDE},
    ).fetchall()
    counts = {row["entity_id"]: int(row["n"]) for row in rows}
    return tuple((card, counts[card.id]) for card in entity_cards(connection, list(counts)))


def _by_publisher(connection: Connection, entity_id: int) -> tuple[tuple[Any, int], ...]:
    rows = connection.execute(
        f"""
        SELECT {PUBLISHER}, counted.n FROM (
            SELECT a.publisher_id, count(*) AS n FROM (
                SELECT article_id FROM article_entities WHERE entity_id = %s ORDER BY at DESC LIMIT 5000
            ) latest JOIN articles a ON a.id = latest.article_id GROUP BY a.publisher_id ORDER BY n DESC LIMIT 12
        ) counted JOIN publishers p ON p.id = counted.publisher_id ORDER BY counted.n DESC, p.name
        """,
        (entity_id,),
    ).fetchall()
    return tuple((publisher_of(row), int(row["n"])) for row in rows)


def _by_day(connection: Connection, entity_id: int, *, since: datetime) -> tuple[tuple[Any, int], ...]:
    rows = connection.execute(
        """
        SELECT (at AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM article_entities
        WHERE entity_id = %s AND at >= %s GROUP BY 1 ORDER BY 1
        """,
        (entity_id, since),
    ).fetchall()
    return tuple((row["day"], int(row["n"])) for row in rows)


def _stories_naming(connection: Connection, entity_id: int) -> tuple[Any, ...]:
    rows = connection.execute(
        """
        SELECT a.story_id, max(latest.at) AS at FROM (
            SELECT article_id, at FROM article_entities WHERE entity_id = %s ORDER BY at DESC LIMIT 200
        ) latest JOIN articles a ON a.id = latest.article_id JOIN stories s ON s.id = a.story_id
        GROUP BY a.story_id ORDER BY at DESC LIMIT %s
        """,
        (entity_id, STORIES),
    ).fetchall()
    return tuple(cards.story_cards(connection, [row["story_id"] for row in rows]))


# ── the operator's edits ─────────────────────────────────────────────────────────────────────────────────────────────


def entity_edits(connection: Connection, entity_id: int) -> tuple[EntityEdit, ...]:
    """What was changed about an entity, the newest first."""
    rows = connection.execute(
        "SELECT id, at, sort, entity_id, words, undone_at FROM entity_edits WHERE entity_id = %s ORDER BY id DESC LIMIT %s",
        (entity_id, EDITS),
    ).fetchall()
    return tuple(EntityEdit(**row) for row in rows)


def _record(
    connection: Connection, sort: str, entity_id: int, words: str, before: Mapping[str, Any], now: datetime
) -> int:
    row = connection.execute(
        "INSERT INTO entity_edits (at, sort, entity_id, words, before) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (now, sort, entity_id, words, as_json(before)),
    ).fetchone()
    assert row is not None
    return int(row["id"])


def add_alias(connection: Connection, entity_id: int, *, key: str, spelling: str, now: datetime) -> int:
    """Let a spelling mean this entity from now on; one that was taken away comes back.  Returns the edit's id."""
    current = entity_now(connection, entity_id)
    key, spelling = storable(key), storable(spelling)
    old = connection.execute(
        "SELECT spelling, given, refused FROM entity_aliases WHERE entity_id = %s AND key = %s FOR UPDATE",
        (current, key),
    ).fetchone()
    if old is not None and old["given"] and not old["refused"]:
        raise Conflict(f"alias {spelling}", "It is known under this name already.")
    connection.execute(
        """
        INSERT INTO entity_aliases (entity_id, key, spelling, given) VALUES (%s, %s, %s, true)
        ON CONFLICT (entity_id, key) DO UPDATE SET given = true, refused = false
        """,
        (current, key, spelling),
    )
    return _record(connection, "add alias", current, spelling, {"key": key, "old": old and dict(old)}, now)


def remove_alias(connection: Connection, entity_id: int, *, key: str, now: datetime) -> int:
    """Let a spelling mean this entity no longer.  Articles that have no other one become those of an entity of its own.

    Returns the edit's id.  Raises NotFound, Conflict for its last spelling.
    """
    current = entity_now(connection, entity_id)
    rows = connection.execute(
        "SELECT key, spelling, given, refused FROM entity_aliases WHERE entity_id = %s AND NOT refused FOR UPDATE",
        (current,),
    ).fetchall()
    old = next((row for row in rows if row["key"] == key), None)
    if old is None:
        raise NotFound(f"alias {key}", "It is not known under this name.")
    if len(rows) == 1:
        raise Conflict(f"alias {key}", "This is the only name it has. Merge it into another instead.")
    left = [row["key"] for row in rows if row["key"] != key]
    connection.execute(
        "UPDATE entity_aliases SET refused = true, given = false WHERE entity_id = %s AND key = %s",
        (current, key),
    )
    before: dict[str, Any] = {"key": key, "old": dict(old), "own_id": None, "articles": []}
    moved = connection.execute(
        "SELECT article_id FROM article_entities WHERE entity_id = %s AND %s = ANY(keys) AND NOT keys && %s",
        (current, key, left),
    ).fetchall()
    if moved:
        before["articles"] = [row["article_id"] for row in moved]
        before["own_id"] = _apart(connection, current, key, old["spelling"], before["articles"])
    _settle(connection, [current])
    return _record(connection, "remove alias", current, old["spelling"], before, now)


def _apart(
    connection: Connection, entity_id: int, key: str, spelling: str, article_ids: Sequence[int]
) -> int:
    """Make an entity of a spelling and give it its articles; returns its id."""
    row = connection.execute(
        """
        INSERT INTO entities (id, label, kind, language, made_by)
        SELECT nextval('entity_ids'), %s, kind, language, 'operator' FROM entities WHERE id = %s RETURNING id
        """,
        (spelling, entity_id),
    ).fetchone()
    assert row is not None
    own_id = int(row["id"])
    connection.execute(
        "INSERT INTO entity_aliases (entity_id, key, spelling) VALUES (%s, %s, %s)", (own_id, key, spelling)
    )
    _move_mentions(connection, entity_id, own_id, article_ids)
    return own_id


def _move_mentions(
    connection: Connection, from_id: int, into_id: int, article_ids: Sequence[int] | None = None
) -> list[int]:
    """Give an entity's mentions (of these articles, else all) to another, added up where both are named; returns the articles."""
    some = "AND article_id = ANY(%(articles)s)" if article_ids is not None else ""
    rows = connection.execute(
        f"""
        WITH gone AS (
            SELECT * FROM article_entities WHERE entity_id = %(from)s {some}
        ), added AS (
            INSERT INTO article_entities AS n (article_id, entity_id, at, kind, words, keys, mentions, in_headline, roles)
            SELECT article_id, %(into)s, at, kind, words, keys, mentions, in_headline, roles FROM gone
            ON CONFLICT (article_id, entity_id) DO UPDATE SET
                words = ARRAY(SELECT DISTINCT unnest(n.words || excluded.words)),
                keys = ARRAY(SELECT DISTINCT unnest(n.keys || excluded.keys)),
                mentions = n.mentions + excluded.mentions, in_headline = n.in_headline OR excluded.in_headline
        )
        SELECT article_id FROM gone
        """,
        {"from": from_id, "into": into_id, "articles": list(article_ids or ())},
    ).fetchall()
    moved = [row["article_id"] for row in rows]
    connection.execute(
        "DELETE FROM article_entities WHERE entity_id = %s AND article_id = ANY(%s)", (from_id, moved)
    )
    return moved


def merge_entities(connection: Connection, entity_id: int, *, into_id: int, now: datetime) -> int:
    """Let an entity be another one: its address, spellings and mentions go over.  Returns the edit's id, kept with the other.

    Raises NotFound, Conflict when both are one already.
    """
    source, target = entity_now(connection, entity_id), entity_now(connection, into_id)
    if source == target:
        raise Conflict(f"entity {entity_id}", "These two are one already.")
    rows = connection.execute(
        "SELECT id, label FROM entities WHERE id = ANY(%s) ORDER BY id FOR UPDATE", ([source, target],)
    ).fetchall()
    label = next(row["label"] for row in rows if row["id"] == source)
    spellings = connection.execute(
        "SELECT key, spelling, given, refused FROM entity_aliases WHERE entity_id = %s", (source,)
    ).fetchall()
    kept = connection.execute(
        """
        INSERT INTO entity_aliases (entity_id, key, spelling, given)
        SELECT %s, key, spelling, true FROM entity_aliases WHERE entity_id = %s AND NOT refused
        ON CONFLICT (entity_id, key) DO NOTHING RETURNING key
        """,
        (target, source),
    ).fetchall()
    shared = connection.execute(
        """
        SELECT n.article_id, n.words, n.keys, n.mentions, n.in_headline FROM article_entities n
        JOIN article_entities o ON o.article_id = n.article_id AND o.entity_id = %s WHERE n.entity_id = %s
        """,
        (source, target),
    ).fetchall()
    sources = connection.execute(
        "SELECT article_id, words, keys, mentions, in_headline FROM article_entities WHERE entity_id = %s",
        (source,),
    ).fetchall()
    connection.execute("UPDATE entities SET merged_into = %s WHERE id = %s", (target, source))
    connection.execute("DELETE FROM entity_aliases WHERE entity_id = %s", (source,))
    _move_mentions(connection, source, target)
    _settle(connection, [target])
    before = {
        "from_id": source,
        "spellings": [dict(row) for row in spellings],
        "learned": [row["key"] for row in kept],
        "shared": [dict(row) for row in shared],
        "sources": [dict(row) for row in sources],
    }
    return _record(connection, "merge", target, label, before, now)


def undo_edit(connection: Connection, edit_id: int, *, now: datetime) -> int:
    """Take an edit back; returns the id of the entity it was made on.  Raises NotFound, Conflict when it was taken back before."""
    row = connection.execute(
        "SELECT id, sort, entity_id, before::text, undone_at FROM entity_edits WHERE id = %s FOR UPDATE",
        (edit_id,),
    ).fetchone()
    if row is None:
        raise NotFound(f"edit {edit_id}", "There is no such change.")
    if row["undone_at"] is not None:
        raise Conflict(f"edit {edit_id}", "This change was taken back before.")
    before = json.loads(row["before"])
    undo = {"add alias": _undo_add, "remove alias": _undo_remove, "merge": _undo_merge}[row["sort"]]
    current = entity_now(connection, row["entity_id"])
    undo(connection, current, before)
    _settle(connection, [current])
    connection.execute("UPDATE entity_edits SET undone_at = %s WHERE id = %s", (now, edit_id))
    return current


def _undo_add(connection: Connection, entity_id: int, before: Mapping[str, Any]) -> None:
    _restore_alias(connection, entity_id, before["key"], before["old"])


def _undo_remove(connection: Connection, entity_id: int, before: Mapping[str, Any]) -> None:
    _restore_alias(connection, entity_id, before["key"], before["old"])
    if before["own_id"] is not None and before["own_id"] in _today(connection, [before["own_id"]]):
        own_id = before["own_id"]
        connection.execute("DELETE FROM entity_aliases WHERE entity_id = %s", (own_id,))
        connection.execute("UPDATE entities SET merged_into = %s WHERE id = %s", (entity_id, own_id))
        _move_mentions(connection, own_id, entity_id)


def _restore_alias(connection: Connection, entity_id: int, key: str, old: Mapping[str, Any] | None) -> None:
    connection.execute("DELETE FROM entity_aliases WHERE entity_id = %s AND key = %s", (entity_id, key))
    if old is not None:
        connection.execute(
            "INSERT INTO entity_aliases (entity_id, key, spelling, given, refused) VALUES (%s, %s, %s, %s, %s)",
            (entity_id, key, old["spelling"], old["given"], old["refused"]),
        )


def _undo_merge(connection: Connection, entity_id: int, before: Mapping[str, Any]) -> None:
    """Take two apart again; articles that came since stay with the one they were found to name."""
    from_id = before["from_id"]
    connection.execute("UPDATE entities SET merged_into = NULL WHERE id = %s", (from_id,))
    connection.execute(
        "DELETE FROM entity_aliases WHERE entity_id = %s AND key = ANY(%s)", (entity_id, before["learned"])
    )
    for spelling in before["spellings"]:
        _restore_alias(connection, from_id, spelling["key"], spelling)
    moved = [source["article_id"] for source in before["sources"]]
    _move_mentions(connection, entity_id, from_id, moved)
    for said in before["sources"]:
        _say(connection, from_id, said)
    for said in before["shared"]:
        connection.execute(
            """
            INSERT INTO article_entities (article_id, entity_id, at, kind, words, keys, mentions, in_headline)
            SELECT n.article_id, %s, n.at, n.kind, n.words, n.keys, n.mentions, n.in_headline FROM article_entities n
            WHERE n.article_id = %s AND n.entity_id = %s ON CONFLICT DO NOTHING
            """,
            (entity_id, said["article_id"], from_id),
        )
        _say(connection, entity_id, said)
    _settle(connection, [from_id])


def _say(connection: Connection, entity_id: int, said: Mapping[str, Any]) -> None:
    connection.execute(
        """
        UPDATE article_entities SET words = %s, keys = %s, mentions = %s, in_headline = %s
        WHERE article_id = %s AND entity_id = %s
        """,
        (
            said["words"],
            said["keys"],
            said["mentions"],
            said["in_headline"],
            said["article_id"],
            entity_id,
        ),
    )
