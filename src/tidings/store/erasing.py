"""Taking articles down: everything that was made of them goes in one transaction, and their stories are as if they never came.

What hangs on an article's row goes with it (ON DELETE CASCADE, and the trigger on what was said of it); here is the rest.
The writer of stories holds a window with the articles' words in memory: taking its epoch makes it begin a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from tidings.model import Plan, Reach, Remains, StoryRank, Takedown, WindowStory
from tidings.store import cards, corrections, descriptions, entries, hashtags, queue, stories, takedowns
from tidings.store.articles import mark_changed
from tidings.store.database import Connection, Row
from tidings.store.takedowns import address_key, entry_keys
from tidings.store.values import text_key
from tidings.urls import site_of

Decide = Callable[[Remains], tuple[Plan, Mapping[int, StoryRank]]]


def find(connection: Connection, url: str) -> int | None:
    """Return the article at an address, its own or one that an entry leads to it by."""
    row = connection.execute(
        """
        SELECT id FROM articles WHERE url_key = ANY(%s)
        UNION ALL SELECT article_id FROM entries WHERE url = %s AND article_id IS NOT NULL LIMIT 1
        """,
        ([address_key(url), text_key(url)], url),
    ).fetchone()
    return row["id"] if row else None


def reach(connection: Connection, article_id: int) -> Reach:
    """Return what goes with an article, counted, and the copies that stay.  Raises NotFound."""
    view = cards.article_view(connection, article_id)
    counted = connection.execute(
        """
        SELECT (SELECT count(*) FROM pages p JOIN entries e ON e.id = p.entry_id WHERE e.article_id = %(id)s) AS pages,
            (SELECT count(*) FROM revisions WHERE article_id = %(id)s) AS revisions,
            (SELECT count(*) FROM answers WHERE article_ids @> ARRAY[%(id)s::bigint]) AS answers,
            (SELECT count(*) FROM wrong_claims WHERE article_ids @> ARRAY[%(id)s::bigint]) AS reports
        """,
        {"id": article_id},
    ).fetchone()
    assert counted is not None
    rows = connection.execute(
        """
        SELECT id FROM articles WHERE (id = %(original)s OR copy_of = %(original)s) AND id <> %(id)s ORDER BY at, id
        """,
        {"id": article_id, "original": view.card.copy_of or article_id},
    ).fetchall()
    copies = cards.cards(connection, [row["id"] for row in rows])
    return Reach(card=view.card, story=view.story, copies=tuple(copies), **counted)


def take_down(
    connection: Connection,
    article_ids: Collection[int],
    *,
    reason: str,
    editor: str,
    now: datetime,
    decide: Decide,
    lead_of: stories.LeadOf,
) -> list[Takedown]:
    """Erase articles and mark them as taken down.  Raises NotFound when one is not there; then nothing is changed.

    decide says what becomes of the stories and copies they leave behind, lead_of chooses among a story's reports.
    """
    ids = sorted(set(article_ids))
    epoch = stories.take_group_epoch(connection, "takedown")  # no plan is written until this has ended
    taken = {article_id: _marked(connection, article_id, reason, editor, now) for article_id in ids}
    remains = _parted(connection, ids, {row["story_id"] for row in taken.values()} - {None})
    plan, ranks = decide(remains)
    stories.apply(connection, plan, (), ranks=ranks, epoch=epoch, now=now, lead_of=lead_of)
    _erase(connection, ids)
    entries.forget_bytes(connection, [row["source_digest"] for row in taken.values() if row["source_digest"]])
    _end_stories(connection, remains.story_ids, {i: row["story_id"] for i, row in taken.items()})
    mark_changed(connection, ids)
    connection.execute("NOTIFY takedowns")
    rows = connection.execute(
        "SELECT * FROM takedowns WHERE article_id = ANY(%s) ORDER BY article_id", (ids,)
    )
    return [takedowns.takedown_of(row) for row in rows.fetchall()]


def _marked(connection: Connection, article_id: int, reason: str, editor: str, now: datetime) -> Row:
    """Mark an article and forget the entries that brought it; returns its row, locked.

    What is read of it in this moment is done first, or has lost its row in the queue.
    """
    urls: set[str] = set()
    brought: list[Row] = []
    # Twice: a reading holds its row in the queue before the article's, so entries are forgotten in that order; but what others
    # wrote of the article, a new address or one more entry, is sure to be seen only when it is locked.
    for lock in ("", "FOR UPDATE OF a"):
        article = _article(connection, article_id, lock)
        urls |= _addresses(article)
        rows = connection.execute(_ENTRIES, {"id": article_id, "urls": list(urls)}).fetchall()
        entries.forget(connection, [row["id"] for row in rows])
        brought += rows
    keys = {address_key(url) for url in urls} | {key for row in brought for key in entry_keys(row)}
    connection.execute(
        """
        INSERT INTO takedowns (article_id, site, keys, feed_ids, taken_at, reason, editor) VALUES (%s, %s, %s, %s, %s, %s, %s)
        """,
        (
            article_id,
            article["site"],
            sorted(keys),
            sorted({row["feed_id"] for row in brought}),
            now,
            reason,
            editor,
        ),
    )
    return article


def _article(connection: Connection, article_id: int, lock: str) -> Row:
    row = connection.execute(
        f"""
        SELECT a.id, a.story_id, a.source_digest, a.url, a.canonical_url, p.site FROM articles a
        JOIN publishers p ON p.id = a.publisher_id WHERE a.id = %s {lock}
        """,
        (article_id,),
    ).fetchone()
    if row is None:
        raise takedowns.no_article(connection, article_id)
    return row


def _addresses(article: Row) -> set[str]:
    canonical = article["canonical_url"]
    if canonical and site_of(canonical) == site_of(article["url"]):
        return {article["url"], canonical}
    return {article["url"]}  # of another site it is that of a source, which stays


# The entries an article was read from, and those that wait or failed under an address of it.
_ENTRIES = """
    WITH own AS (SELECT id, url FROM entries WHERE article_id = %(id)s),
    addresses AS (SELECT url FROM own UNION SELECT unnest(%(urls)s::text[]))
    SELECT e.id, e.feed_id, e.url, e.guid_key, f.url_key FROM entries e JOIN feeds f ON f.id = e.feed_id
    WHERE e.id IN (
        SELECT id FROM own UNION SELECT w.id FROM addresses a JOIN entries w ON w.url = a.url WHERE w.article_id IS NULL
    )
    ORDER BY e.id
"""


def _parted(connection: Connection, ids: Sequence[int], story_ids: Collection[int]) -> Remains:
    """Take articles out of these stories and from above their copies; returns what is left behind."""
    orphans = connection.execute(
        """
        UPDATE articles a SET copy_of = NULL, copy_similarity = NULL,
            agency = (SELECT d.agency FROM descriptions d WHERE d.article_id = a.id)
        WHERE copy_of = ANY(%(ids)s) AND id <> ALL(%(ids)s) RETURNING id, story_id
        """,
        {"ids": ids},
    ).fetchall()
    connection.execute("UPDATE articles SET story_id = NULL, copy_of = NULL WHERE id = ANY(%s)", (ids,))
    touched = sorted({*story_ids, *(row["story_id"] for row in orphans if row["story_id"] is not None)})
    left = corrections.story_articles(connection, touched)
    alone = [row["id"] for row in orphans]
    placed = [article.article_id for story in left for article in story.articles]
    known = {d.article_id: d for d in descriptions.descriptions(connection, [*placed, *alone])}
    return Remains(
        story_ids=tuple(touched),
        stories=tuple(
            WindowStory(
                story.story_id, tuple(known[a.article_id] for a in story.articles if a.article_id in known)
            )
            for story in left
        ),
        copies=frozenset(a.article_id for story in left for a in story.articles if a.root != a.article_id),
        orphans=tuple(known[article_id] for article_id in sorted(alone) if article_id in known),
    )


def _erase(connection: Connection, ids: Sequence[int]) -> None:
    """Delete articles that no story has any more, and the names, hashtags and spellings that only they had."""
    named = connection.execute(
        "SELECT entity_id, words, keys FROM article_entities WHERE article_id = ANY(%s)", (ids,)
    ).fetchall()
    tagged = hashtags.of_articles(connection, ids)
    subjects = [f"article {article_id}" for article_id in ids]
    connection.execute("DELETE FROM answers WHERE subject = ANY(%s)", (subjects,))
    queue.drop(connection, ("describe", "group"), ids)
    connection.execute("DELETE FROM articles WHERE id = ANY(%s)", (ids,))
    _forget_spellings(connection, named)
    hashtags.know_anew(connection, tagged)  # by what the entities are called now


def _forget_spellings(connection: Connection, named: Sequence[Row]) -> None:
    """Forget how only erased articles spelled those whom others name too; what the operator gave stays."""
    spelled = [(row["entity_id"], key) for row in named for key in row["keys"]]
    connection.execute(
        """
        DELETE FROM entity_aliases a USING unnest(%s::bigint[], %s::text[]) AS u (entity_id, key)
        WHERE a.entity_id = u.entity_id AND a.key = u.key AND NOT a.given AND NOT a.refused AND NOT EXISTS (
            SELECT FROM article_entities n WHERE n.entity_id = a.entity_id AND a.key = ANY(n.keys)
        )
        """,
        ([entity_id for entity_id, _ in spelled], [key for _, key in spelled]),
    )
    written = [(row["entity_id"], words) for row in named for words in row["words"]]
    connection.execute(
        """
        UPDATE entities e SET label = (
            SELECT w FROM article_entities n, unnest(n.words) w WHERE n.entity_id = e.id
            GROUP BY w ORDER BY count(*) DESC, length(w) DESC, w LIMIT 1
        )
        FROM unnest(%s::bigint[], %s::text[]) AS u (id, label)
        WHERE e.id = u.id AND e.label = u.label AND e.article_count > 0
            AND NOT EXISTS (SELECT FROM article_entities n WHERE n.entity_id = e.id AND e.label = ANY(n.words))
            AND NOT EXISTS (SELECT FROM entity_aliases a WHERE a.entity_id = e.id AND a.given AND a.spelling = e.label)
        """,
        ([entity_id for entity_id, _ in written], [words for _, words in written]),
    )


def _end_stories(
    connection: Connection, story_ids: Collection[int], story_of: Mapping[int, int | None]
) -> None:
    """Note which stories ended, and have looked at anew what the others continue, and what continues them."""
    ended = set(story_ids) - corrections.living(connection, sorted(story_ids))
    for article_id, story_id in story_of.items():
        if story_id in ended:
            connection.execute(
                "UPDATE takedowns SET story_id = %s WHERE article_id = %s", (story_id, article_id)
            )
    connection.execute("DELETE FROM continuations WHERE story_id = ANY(%s)", (sorted(ended),))
    connection.execute(
        """
        WITH RECURSIVE formerly (id) AS (
            SELECT unnest(%s::bigint[]) UNION SELECT r.from_id FROM story_redirects r JOIN formerly f ON r.into_id = f.id
        )
        UPDATE continuations SET earlier_id = NULL, strength = NULL, found_at = NULL, made_by = NULL
        WHERE earlier_id IN (SELECT id FROM formerly) OR story_id IN (SELECT id FROM formerly)
        """,
        (sorted(story_ids),),
    )
