"""What readers see: lists of articles and stories, each page by key, and the pages of one story and one article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tidings.errors import NotFound
from tidings.model import (
    ArticleCard,
    ArticleView,
    Hashtag,
    KnownHashtag,
    Listed,
    Publisher,
    StoryCard,
    StoryView,
)
from tidings.store import articles, hashtags, stories, takedowns
from tidings.store.database import Connection, Row
from tidings.store.descriptions import nearest_articles
from tidings.store.publishers import PUBLISHER, publisher_of
from tidings.store.values import desk_of, key_parts, moment_of, next_key

MORE_ARTICLES = 4  # beside the lead on a story's card
STORY_HASHTAGS = 6
STORY_ARTICLES = 1_000  # the newest of a story's page
COPIES_SHOWN = 100

# ── articles ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_CARD = f"""
    SELECT a.id, a.headline, a.standfirst, a.lead, a.url, a.at, a.published_at, a.first_seen_at, a.language, a.image_url,
        a.access, a.story_id, a.revision, a.copy_of, a.agency, a.byline, a.desk, a.desk_by, a.desk_sure, {PUBLISHER}, m.read_at, m.saved_at, tags.tags
    FROM articles a
    JOIN publishers p ON p.id = a.publisher_id
    LEFT JOIN marks m ON m.article_id = a.id
    LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(t.slug, h.label, t.words, t.weight) ORDER BY t.weight DESC, t.slug) AS tags
        FROM article_hashtags t JOIN hashtags h USING (slug) WHERE t.article_id = a.id
    ) tags ON true
"""


def _card_of(row: Row) -> ArticleCard:
    return ArticleCard(
        id=row["id"],
        headline=row["headline"],
        standfirst=row["standfirst"],
        lead=row["lead"],
        publisher=publisher_of(row),
        url=row["url"],
        at=row["at"],
        published_at=row["published_at"],
        first_seen_at=row["first_seen_at"],
        language=row["language"],
        image_url=row["image_url"],
        access=row["access"],
        story_id=row["story_id"],
        revision=row["revision"],
        copy_of=row["copy_of"],
        agency=row["agency"],
        byline=tuple(row["byline"]),
        hashtags=tuple(Hashtag(*parts) for parts in row["tags"] or ()),
        read_at=row["read_at"],
        saved_at=row["saved_at"],
        desk=desk_of(row),
    )


def cards(connection: Connection, article_ids: Sequence[int]) -> list[ArticleCard]:
    """Cards in the order asked for; unknown ids are left out."""
    found = _cards_by_id(connection, article_ids)
    return [found[article_id] for article_id in article_ids if article_id in found]


def _cards_by_id(connection: Connection, article_ids: Sequence[int]) -> dict[int, ArticleCard]:
    if not article_ids:
        return {}
    rows = connection.execute(f"{_CARD} WHERE a.id = ANY(%s)", (list(article_ids),)).fetchall()
    return {row["id"]: _card_of(row) for row in rows}


def latest(
    connection: Connection, *, after: str | None = None, limit: int = 30, saved: bool = False
) -> Listed[ArticleCard]:
    """Articles, newest first; saved ones in the order they were saved, the last first."""
    if not saved:
        return article_page(
            connection, "FROM articles", {}, order="at", id_column="id", after=after, limit=limit
        )
    return article_page(
        connection,
        "FROM marks WHERE saved_at IS NOT NULL",
        {},
        order="saved_at",
        id_column="article_id",
        after=after,
        limit=limit,
    )


def by_hashtag(
    connection: Connection, slug: str, *, after: str | None = None, limit: int = 30
) -> tuple[KnownHashtag, Listed[ArticleCard]]:
    """A hashtag and the articles that carry it, newest first.  Raises NotFound."""
    known = hashtags.known(connection, slug)
    listed = article_page(
        connection,
        "FROM article_hashtags WHERE slug = %(slug)s",
        {"slug": slug},
        order="at",
        id_column="article_id",
        after=after,
        limit=limit,
    )
    return known, listed


def by_publisher(
    connection: Connection, publisher_id: int, *, after: str | None = None, limit: int = 30
) -> tuple[Publisher, Listed[ArticleCard]]:
    """A publisher and its articles, newest first.  Raises NotFound."""
    row = connection.execute(
        f"SELECT {PUBLISHER} FROM publishers p WHERE p.id = %s", (publisher_id,)
    ).fetchone()
    if row is None:
        raise NotFound(f"publisher {publisher_id}", "There is no such publisher here.")
    listed = article_page(
        connection,
        "FROM articles WHERE publisher_id = %(publisher_id)s",
        {"publisher_id": publisher_id},
        order="at",
        id_column="id",
        after=after,
        limit=limit,
    )
    return publisher_of(row), listed


def article_page(
    connection: Connection,
    source: str,
    parameters: Mapping[str, Any],
    *,
    order: str,
    id_column: str,
    after: str | None,
    limit: int,
) -> Listed[ArticleCard]:
    """One page of a list that an index holds in the order of (`order`, id), both descending."""
    key = key_parts(after, int, int)
    before = moment_of(key[0]) if key else None
    beyond = ""
    if key and before:
        beyond = (
            f"{'AND' if 'WHERE' in source else 'WHERE'} ({order}, {id_column}) < (%(before)s, %(before_id)s)"
        )
    rows = connection.execute(
        f"SELECT {id_column} AS id, {order} AS at {source} {beyond} ORDER BY {order} DESC, {id_column} DESC LIMIT %(limit)s",
        {**parameters, "before": before, "before_id": key[1] if key else None, "limit": limit + 1},
    ).fetchall()
    shown = cards(connection, [row["id"] for row in rows[:limit]])
    return Listed(tuple(shown), next_key(rows, limit, "at", "id"))


def article_view(connection: Connection, article_id: int) -> ArticleView:
    """An article's page.  Raises NotFound."""
    article = articles.article(connection, article_id)
    card = _cards_by_id(connection, [article_id]).get(article_id)
    if card is None:  # taken down since
        raise takedowns.no_article(connection, article_id)
    copies = connection.execute(
        "SELECT id FROM articles WHERE copy_of = %s ORDER BY at, id LIMIT %s", (article_id, COPIES_SHOWN)
    ).fetchall()
    others = _cards_by_id(
        connection, [*(row["id"] for row in copies), *([card.copy_of] if card.copy_of else [])]
    )
    story = story_cards(connection, [card.story_id]) if card.story_id is not None else []
    return ArticleView(
        article=article,
        card=card,
        revisions=articles.revisions(connection, article_id),
        copies=tuple(others[row["id"]] for row in copies if row["id"] in others),
        original=others.get(card.copy_of) if card.copy_of else None,
        story=story[0] if story else None,
    )


def mark(
    connection: Connection,
    article_ids: Sequence[int],
    *,
    read: bool | None = None,
    saved: bool | None = None,
    now: datetime,
) -> None:
    """Set or clear the marks that are given; one that is set already keeps its time.  Unknown articles are left out."""
    connection.execute(
        """
        INSERT INTO marks AS m (article_id, read_at, saved_at)
        SELECT id, CASE WHEN %(read)s THEN %(now)s::timestamptz END, CASE WHEN %(saved)s THEN %(now)s::timestamptz END
        FROM articles WHERE id = ANY(%(ids)s) ORDER BY id
        ON CONFLICT (article_id) DO UPDATE SET
            read_at = CASE WHEN %(read)s THEN coalesce(m.read_at, %(now)s) WHEN %(unread)s THEN NULL ELSE m.read_at END,
            saved_at = CASE WHEN %(saved)s THEN coalesce(m.saved_at, %(now)s) WHEN %(unsaved)s THEN NULL ELSE m.saved_at END
        """,
        {
            "ids": list(article_ids),
            "now": now,
            "read": read is True,
            "unread": read is False,
            "saved": saved is True,
            "unsaved": saved is False,
        },
    )


# ── stories ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def front(
    connection: Connection, *, desk: str | None = None, after: str | None = None, limit: int = 20
) -> Listed[StoryCard]:
    """Stories by rank, highest first; with a desk only its stories."""
    key = key_parts(after, float, int)
    wanted = ["desk = %(desk)s"] if desk else []
    wanted += ["(rank, id) < (%(rank)s::float8, %(id)s)"] if key else []
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    rows = connection.execute(
        f"SELECT id, rank FROM stories {where} ORDER BY rank DESC, id DESC LIMIT %(limit)s",
        {"desk": desk, "rank": key[0] if key else None, "id": key[1] if key else None, "limit": limit + 1},
    ).fetchall()
    shown = story_cards(connection, [row["id"] for row in rows[:limit]])
    return Listed(tuple(shown), next_key(rows, limit, "rank", "id"))


def story_cards(connection: Connection, story_ids: Sequence[int]) -> list[StoryCard]:
    """Cards of these stories in the order asked for; unknown ids are left out, and whose lead is taken down meanwhile."""
    rows = connection.execute(
        """
        SELECT s.*, more.ids AS more_ids, unread.n AS unread, tags.tags FROM stories s
        LEFT JOIN LATERAL (
            -- the newest original of each other publisher, the newest publishers first
            SELECT array_agg(id ORDER BY at DESC, id DESC) AS ids FROM (
                SELECT id, at FROM (
                    SELECT DISTINCT ON (a.publisher_id) a.id, a.at FROM articles a
                    WHERE a.story_id = s.id
                        AND a.publisher_id <> (SELECT publisher_id FROM articles WHERE id = s.lead_id)
                    ORDER BY a.publisher_id, a.copy_of IS NULL DESC, a.at DESC, a.id DESC
                ) by_publisher ORDER BY at DESC, id DESC LIMIT %(more)s
            ) newest
        ) more ON true
        LEFT JOIN LATERAL (
            SELECT count(*) AS n FROM articles a LEFT JOIN marks m ON m.article_id = a.id
            WHERE a.story_id = s.id AND m.read_at IS NULL
        ) unread ON true
        LEFT JOIN LATERAL (
            SELECT json_agg(json_build_array(slug, label, words, weight) ORDER BY sum_weight DESC, slug) AS tags FROM (
                SELECT t.slug, h.label, (array_agg(t.words ORDER BY t.weight DESC, t.article_id))[1] AS words,
                    max(t.weight) AS weight, sum(t.weight) AS sum_weight
                FROM articles a JOIN article_hashtags t ON t.article_id = a.id JOIN hashtags h ON h.slug = t.slug
                WHERE a.story_id = s.id GROUP BY t.slug, h.label ORDER BY sum(t.weight) DESC, t.slug LIMIT %(tags)s
            ) heaviest
        ) tags ON true
        WHERE s.id = ANY(%(ids)s)
        """,
        {"ids": list(story_ids), "more": MORE_ARTICLES, "tags": STORY_HASHTAGS},
    ).fetchall()
    wanted = [row["lead_id"] for row in rows] + [i for row in rows for i in row["more_ids"] or ()]
    shown = _cards_by_id(connection, wanted)
    found = {row["id"]: _story_card_of(row, shown) for row in rows if row["lead_id"] in shown}
    return [found[story_id] for story_id in story_ids if story_id in found]


def _story_card_of(row: Row, shown: Mapping[int, ArticleCard]) -> StoryCard:
    lead = shown[row["lead_id"]]
    return StoryCard(
        id=row["id"],
        headline=lead.headline,
        lead=lead,
        articles=tuple(shown[article_id] for article_id in row["more_ids"] or () if article_id in shown),
        article_count=row["article_count"],
        publisher_count=row["publisher_count"],
        report_count=row["report_count"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        rank=row["rank"],
        rank_reasons=tuple(row["rank_reasons"]),
        hashtags=tuple(Hashtag(*parts) for parts in row["tags"] or ()),
        unread_count=row["unread"],
        desk=row["desk"],
    )


def _story_of_one(card: ArticleCard) -> StoryCard:
    """An article that is not placed yet, as a story."""
    return StoryCard(
        id=card.id,
        headline=card.headline,
        lead=card,
        articles=(),
        article_count=1,
        publisher_count=1,
        report_count=1,
        first_at=card.at,
        last_at=card.at,
        rank=0.0,
        rank_reasons=(),
        hashtags=card.hashtags,
        unread_count=int(card.read_at is None),
        desk=card.desk.slug if card.desk else None,
    )


def story_view(connection: Connection, story_id: int) -> StoryView:
    """A story whole: originals by time, each with its copies folded under it.  Raises NotFound."""
    now_id = stories.story_now(connection, story_id)
    found = story_cards(connection, [now_id])
    if not found:
        lone = _cards_by_id(connection, [now_id])
        if now_id not in lone:
            raise takedowns.no_story(connection, story_id)
        return StoryView(_story_of_one(lone[now_id]), ((lone[now_id], ()),))
    rows = connection.execute(
        "SELECT id FROM articles WHERE story_id = %s ORDER BY at DESC, id DESC LIMIT %s",
        (now_id, STORY_ARTICLES),
    ).fetchall()
    told = sorted(_cards_by_id(connection, [row["id"] for row in rows]).values(), key=lambda c: (c.at, c.id))
    present = {card.id for card in told}
    copies: dict[int, list[ArticleCard]] = {}
    for card in told:
        if card.copy_of in present and card.copy_of is not None:
            copies.setdefault(card.copy_of, []).append(card)
    folded = {card.id for under in copies.values() for card in under}
    return StoryView(
        card=found[0],
        reports=tuple((card, tuple(copies.get(card.id, ()))) for card in told if card.id not in folded),
    )


def earlier_reports(connection: Connection, article_id: int, *, limit: int) -> list[int]:
    """The reports of an article's story that came before it, oldest first, of many the last ones; no copies of others in it."""
    rows = connection.execute(
        """
        SELECT a.id FROM articles a JOIN articles here ON here.id = %s AND a.story_id = here.story_id
        WHERE a.at < here.at
            AND NOT EXISTS (SELECT 1 FROM articles o WHERE o.id = a.copy_of AND o.story_id = a.story_id)
        ORDER BY a.at DESC, a.id DESC LIMIT %s
        """,
        (article_id, limit),
    ).fetchall()
    return [row["id"] for row in reversed(rows)]


def story_neighbours(connection: Connection, story_id: int, *, limit: int) -> list[StoryCard]:
    """Other stories nearest in meaning to a story's lead article, nearest first."""
    now_id = stories.story_now(connection, story_id)
    row = connection.execute("SELECT lead_id FROM stories WHERE id = %s", (now_id,)).fetchone()
    near = nearest_articles(connection, row["lead_id"] if row else now_id, limit=20 + 10 * limit)
    rows = connection.execute(
        "SELECT id, story_id FROM articles WHERE id = ANY(%s) AND story_id IS NOT NULL", (near,)
    ).fetchall()
    story_of = {row["id"]: row["story_id"] for row in rows}
    others = dict.fromkeys(story_of[i] for i in near if i in story_of and story_of[i] != now_id)
    return story_cards(connection, list(others)[:limit])


def counts(connection: Connection) -> dict[str, int]:
    """How many articles, articles in a story ("placed"), stories, publishers and feeds there are."""
    row = connection.execute(
        """
        SELECT (SELECT count(*) FROM articles) AS articles,
            (SELECT count(*) FROM articles WHERE story_id IS NOT NULL) AS placed,
            (SELECT count(*) FROM stories) AS stories,
            (SELECT count(*) FROM publishers) AS publishers,
            (SELECT count(*) FROM feeds) AS feeds
        """
    ).fetchone()
    assert row is not None
    return {name: int(number) for name, number in row.items()}
