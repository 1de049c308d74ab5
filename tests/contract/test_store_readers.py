import base64
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_values import NOW, an_entry, an_extract, follow, later, load, poll, read

from tidings.errors import NotFound, StoreBusy
from tidings.model import (
    ArticleCard,
    ArticleView,
    CopyOf,
    Hashtag,
    Listed,
    NewFeed,
    Placement,
    Plan,
    RevisionNote,
    StoryRank,
)
from tidings.store.migrate import migrate
from tidings.store.postgres import PostgresStore
from tidings.store.server import EmbeddedServer

T = TypeVar("T")


def place(store: PostgresStore, plan: Plan, ranks: dict[int, StoryRank] | None = None) -> None:
    epoch = store.take_group_epoch("test")
    store.apply(plan, [], ranks=ranks or {}, epoch=epoch, now=NOW)


def stories_of_one(store: PostgresStore, *headlines: str) -> list[int]:
    """Load articles, each a story of its own, ranked in their order."""
    ids = load(store, *headlines)
    place(
        store,
        Plan(placements=tuple(Placement(i, i, 1.0) for i in ids)),
        {i: StoryRank(1.5 * n, ()) for n, i in enumerate(ids)},
    )
    return ids


def through(fetch: Callable[..., Listed[T]], between: Callable[[int], object], limit: int = 2) -> list[T]:
    """Every row of a list, page by page, with something happening between pages."""
    page = fetch(limit=limit)
    seen = list(page.rows)
    for number in range(50):
        if not page.next_key:
            break
        between(number)
        page = fetch(after=page.next_key, limit=limit)
        assert 0 < len(page.rows) <= limit
        seen.extend(page.rows)
    return seen


def test_a_card_is_whole(store: PostgresStore) -> None:
    extract = an_extract(
        headline="Tunnel opens",
        standfirst="After nine years",
        byline=("Ada Berg",),
        language="en",
        image_url="https://kurier.example/i.jpg",
        published_at=later(-60),
        access="paywall",
    )
    read(store, extract)
    card = store.latest().rows[0]
    tags = (Hashtag("b", "B", "b words", 0.9), Hashtag("a", "A", "a words", 0.5))
    place(store, Plan(placements=(Placement(card.id, card.id, 1.0),), hashtags={card.id: tags}))
    store.mark([card.id, 999], read=True, now=later(5))
    store.mark([card.id], saved=True, read=True, now=later(6))
    assert store.cards([999, card.id]) == [
        ArticleCard(
            id=card.id,
            headline="Tunnel opens",
            standfirst="After nine years",
            lead="The harbour tunnel opens on Monday.",
            publisher=store.publishers()[0],
            url="https://kurier.example/e1",
            at=later(-60),
            published_at=later(-60),
            first_seen_at=NOW,
            language="en",
            image_url="https://kurier.example/i.jpg",
            access="paywall",
            story_id=card.id,
            byline=("Ada Berg",),
            hashtags=tags,
            read_at=later(5),
            saved_at=later(6),
        )
    ]


def test_latest_pages_by_key_while_articles_arrive(store: PostgresStore) -> None:
    ids = load(store, *"abcde")
    seen = through(store.latest, lambda n: load(store, f"new {n}", at=later(9999 + n)))
    assert [card.id for card in seen] == ids[::-1]


def test_articles_of_one_moment_are_all_listed_once(store: PostgresStore) -> None:
    for name in "abcde":
        load(store, name)
    seen = through(store.latest, lambda n: None)
    assert [card.headline for card in seen] == list("edcba")


def test_the_front_pages_by_key_while_stories_arrive(store: PostgresStore) -> None:
    ids = stories_of_one(store, *"abcde")

    def arrive(number: int) -> None:
        (new,) = load(store, f"new {number}")
        place(store, Plan(placements=(Placement(new, new, 1.0),)), {new: StoryRank(1e6 + number, ())})

    assert [card.id for card in through(store.front, arrive)] == ids[::-1]


def test_lists_of_saved_articles_publishers_and_hashtags_page_too(store: PostgresStore) -> None:
    ids = load(store, *"abcde")
    for n, article_id in enumerate(ids):
        store.mark([article_id], saved=True, now=later(n))
    tag = Hashtag("t", "T", "t", 0.5)
    place(store, Plan(hashtags=dict.fromkeys(ids, (tag,))))
    publisher_id = store.publishers()[0].id
    lists: list[Callable[..., Listed[ArticleCard]]] = [
        lambda **page: store.latest(saved=True, **page),
        lambda **page: store.publisher(publisher_id, **page)[1],
        lambda **page: store.hashtag("t", **page)[1],
    ]
    for fetch in lists:
        assert [card.id for card in through(fetch, lambda n: None)] == ids[::-1]
    with pytest.raises(NotFound):
        store.publisher(999)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.text(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3),
    ).map(lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode())
)
def test_any_key_opens_some_page(store: PostgresStore, key: str) -> None:
    store.latest(after=key)
    store.latest(after=key, saved=True)
    store.front(after=key)
    store.quarantined(after=key)


def test_marks_are_set_cleared_and_left_alone(store: PostgresStore) -> None:
    (one,) = load(store, "one")

    def marks() -> tuple[object, object]:
        card = store.cards([one])[0]
        return card.read_at, card.saved_at

    store.mark([one], read=True, now=later(1))
    store.mark([one], saved=True, now=later(2))
    store.mark([one], read=True, now=later(3))
    assert marks() == (later(1), later(2))
    store.mark([one], now=later(4))
    store.mark([one], read=False, now=later(5))
    assert marks() == (None, later(2))
    store.mark([one], saved=False, now=later(6))
    assert marks() == (None, None)


def test_an_articles_page_has_its_copies_original_story_and_revisions(store: PostgresStore) -> None:
    read(store, an_extract("Old."), guid="one")
    read(store, an_extract("New."), guid="one", at=later(60))
    read(store, an_extract("Copy."), guid="two")
    two, one = sorted((c.id for c in store.latest().rows), reverse=True)
    place(
        store,
        Plan(
            placements=(Placement(one, one, 1.0), Placement(two, one, 0.9)),
            copies=(CopyOf(two, one, 0.9),),
        ),
    )
    cards = store.cards([one, two])
    view = store.article(one)
    assert view == ArticleView(
        article=store.articles([one])[0],
        card=cards[0],
        revisions=tuple(
            RevisionNote(r.revision, r.change, r.seen_at, r.headline, r.correction)
            for r in (store.revision(one, 1), store.revision(one, 2))
        ),
        copies=(cards[1],),
        original=None,
        story=store.story(one).card,
    )
    assert [(r.revision, r.change, r.seen_at) for r in view.revisions] == [
        (1, "first", NOW),
        (2, "substantive", later(60)),
    ]
    assert store.article(two).original == cards[0]
    with pytest.raises(NotFound):
        store.article(999)


def test_a_story_counts_what_is_unread(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    place(store, Plan(placements=(Placement(one, one, 1.0), Placement(two, one, 0.9))))
    store.mark([two], read=True, now=NOW)
    assert store.story(one).card.unread_count == 1


def test_a_removed_feed_leaves_its_articles(store: PostgresStore) -> None:
    read(store)
    store.remove_feed(store.feeds()[0].id)
    (card,) = store.latest().rows
    assert store.article(card.id).card == card
    assert store.publishers() == [card.publisher]


def test_the_store_outlives_a_database_that_is_killed(home: Path) -> None:
    server = EmbeddedServer(home)  # of its own: no other test should notice
    with server.running() as dsn:
        migrate(dsn)
        store = PostgresStore(dsn)
        feed_id = follow(store)
        poll(store, feed_id, *(an_entry(f"e{n}") for n in range(20)))
        before = store.feeds()
        kill(server)
        server.start()
        assert store.feeds() == before  # nobody has to find out by failing
        kill(server)
        with pytest.raises(StoreBusy):
            store.feeds()
        server.start()
        assert store.feeds() == before
        assert store.queue_depths()["read"] == 20
        assert store.add_feed(NewFeed("https://new.example/"), now=NOW)[1]
        store.close()


def kill(server: EmbeddedServer) -> None:
    """Kill the server and wait until its children are gone too: for a moment they still answer."""
    pid = server.pid()
    assert pid
    children = psutil.Process(pid).children(recursive=True)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs(children, timeout=30)
    while server.pid() == pid:
        time.sleep(0.01)


def test_hashtags_come_by_the_page_the_most_used_first(store: PostgresStore) -> None:
    ids = stories_of_one(store, "one", "two", "three")
    tags = [Hashtag(slug, slug.title(), slug, 0.5) for slug in ("a", "b", "c", "d" * 80)]
    tagged = {ids[0]: (tags[1], tags[3]), ids[1]: (tags[1], tags[0]), ids[2]: (tags[1], tags[2])}
    place(store, Plan(hashtags=tagged))
    shown = through(store.hashtags, lambda _: None)
    assert [(tag.slug, tag.article_count) for tag in shown] == [("b", 3), ("a", 1), ("c", 1), ("d" * 80, 1)]
    assert store.hashtags(after="no key", limit=1).rows == (shown[0],)


def test_publishers_come_by_the_page_each_with_its_newest_article(store: PostgresStore) -> None:
    load(store, "old", at=later(-3600))
    load(store, "new")
    follow(store, "https://a.example/feed", title="가" * 100)
    follow(store, "https://b.example/feed", title="Anna")
    shown = through(store.publishers_page, lambda _: None, limit=1)
    assert [publisher.name for publisher, _ in shown] == ["Anna", "kurier.example", "가" * 100]
    assert [newest for _, newest in shown] == [None, NOW, None]
