import threading
from dataclasses import replace

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_values import NOW, a_page, a_visit, an_entry, digests_of, follow, later, poll, read, sha

from tidings.errors import NotFound
from tidings.model import (
    NOBODY,
    Credentials,
    Enclosure,
    Feed,
    FeedStatus,
    NewFeed,
    Problem,
    Publisher,
    Validators,
)
from tidings.store.postgres import PostgresStore

URL = "https://kurier.example/feed.xml"


def test_a_new_feed_is_due_at_once_and_known_the_second_time(store: PostgresStore) -> None:
    new = NewFeed(
        URL,
        title="Der Kurier",
        site_url="https://www.kurier.example/",
        folder="Politik",
        starter="world",
        full_text=False,
        credentials=Credentials("me", "secret"),
    )
    feed, is_new = store.add_feed(new, now=NOW)
    assert is_new
    assert feed == Feed(
        id=feed.id,
        publisher_id=feed.publisher_id,
        url=URL,
        title="Der Kurier",
        site_url="https://www.kurier.example/",
        status="active",
        full_text=False,
        interval_s=3600,
        next_poll_at=NOW,
        created_at=NOW,
        folder="Politik",
        starter="world",
        credentials=Credentials("me", "secret"),
    )
    assert store.add_feed(replace(new, title="Other"), now=later(5)) == (feed, False)
    assert store.feed(feed.id) == feed
    assert store.feeds() == [feed]


def test_feeds_of_one_site_have_one_publisher(store: PostgresStore) -> None:
    first = store.add_feed(NewFeed("https://feeds.example.com/a"), now=NOW)[0]
    second = store.add_feed(NewFeed("https://cdn.example/b", site_url="https://www.example.com"), now=NOW)[0]
    other = store.add_feed(NewFeed("https://anzeiger.example/a"), now=NOW)[0]
    assert first.publisher_id == second.publisher_id != other.publisher_id


def test_a_feed_that_is_not_there_is_not_found(store: PostgresStore) -> None:
    for act in (
        lambda: store.feed(7),
        lambda: store.set_feed(7, title="x"),
        lambda: store.set_feed(7),
        lambda: store.remove_feed(7),
    ):
        with pytest.raises(NotFound):
            act()


def test_set_feed_changes_what_is_given_and_leaves_the_rest(store: PostgresStore) -> None:
    feed_id = follow(store)
    other = follow(store, "https://kurier.example/other.xml")
    before = store.feed(feed_id)
    assert store.set_feed(feed_id) == before
    changed = store.set_feed(
        feed_id,
        status="duplicate",
        full_text=False,
        title="T",
        folder="F",
        credentials=Credentials("u", "p"),
        next_poll_at=later(9),
        duplicate_of=other,
    )
    assert changed == replace(
        before,
        status="duplicate",
        full_text=False,
        title="T",
        folder="F",
        credentials=Credentials("u", "p"),
        next_poll_at=later(9),
        duplicate_of=other,
    )
    assert store.feed(feed_id) == changed
    assert store.set_feed(feed_id, credentials=NOBODY) == replace(changed, credentials=None)


def test_set_hub_keeps_and_clears_the_subscription(store: PostgresStore) -> None:
    feed_id = follow(store)
    store.set_hub(
        feed_id, hub_url="https://hub.example/", topic_url=URL, secret="s", lease_until=later(864000)
    )
    assert store.feed(feed_id).hub_lease_until == later(864000)
    assert store.feed(feed_id).hub_secret == "s"
    store.set_hub(feed_id, hub_url=None, topic_url=None, secret=None, lease_until=None)
    assert store.feed(feed_id).hub_url is None


def test_only_due_active_feeds_are_claimed_and_only_once(store: PostgresStore) -> None:
    late, later_due, paused, future = (follow(store, f"https://kurier.example/{n}") for n in range(4))
    store.set_feed(late, next_poll_at=later(-100))
    store.set_feed(paused, status="paused")
    store.set_feed(future, next_poll_at=later(1))
    assert [f.id for f in store.claim_feeds(now=NOW, limit=10, lease_s=60)] == [late, later_due]
    assert store.claim_feeds(now=later(0.5), limit=10, lease_s=60) == []
    assert [f.id for f in store.claim_feeds(now=later(60), limit=10, lease_s=60)] == [late, later_due, future]


def test_refresh_now_does_not_wait_for_a_lease(store: PostgresStore) -> None:
    feed_id = follow(store)
    assert store.claim_feeds(now=NOW, limit=1, lease_s=600)
    store.set_feed(feed_id, next_poll_at=later(1))
    assert [f.id for f in store.claim_feeds(now=later(1), limit=1, lease_s=600)] == [feed_id]


def test_a_visit_is_recorded_whole(store: PostgresStore) -> None:
    feed_id = follow(store)
    entries = [an_entry("new"), an_entry("old")]
    assert store.record_poll(a_visit(feed_id, entries=entries), digests_of(entries)) == 2
    feed = store.feed(feed_id)
    assert feed == Feed(
        id=feed_id,
        publisher_id=feed.publisher_id,
        url=URL,
        title="Der Kurier",
        site_url="https://kurier.example/",
        status="active",
        full_text=True,
        interval_s=3600,
        next_poll_at=later(3600),
        created_at=NOW,
        format="rss",
        validators=Validators('W/"1"', "Sun, 01 Mar 2026 11:00:00 GMT"),
        body_digest=sha(f"body of {feed_id}"),
        last_polled_at=NOW,
        last_changed_at=NOW,
        last_status=200,
        entry_count=2,
    )
    assert store.known_entries(feed_id, ["old", "new", "never"]) == digests_of(entries)
    assert store.publishers() == [Publisher(feed.publisher_id, "Der Kurier", "https://kurier.example/", None)]
    assert store.queue_depths() == {"read": 2, "describe": 0, "group": 0, "quarantined": 0}


def test_recording_a_visit_twice_changes_nothing(store: PostgresStore) -> None:
    feed_id = follow(store)
    assert poll(store, feed_id, an_entry("a")) == 1
    before = store.feed(feed_id)
    assert poll(store, feed_id, an_entry("a")) == 0
    assert store.feed(feed_id) == before
    assert store.queue_depths()["read"] == 1


def test_new_validators_replace_the_old_ones_even_when_nothing_changed(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry())
    store.record_poll(a_visit(feed_id, validators=Validators('"2"', None)), {})
    feed = store.feed(feed_id)
    assert (feed.validators, feed.last_changed_at, feed.entry_count) == (Validators('"2"', None), NOW, 1)


def test_a_changed_entry_is_queued_again_and_keeps_its_place_in_the_count(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry("a"))
    (work,) = store.claim("read", now=NOW, limit=5, lease_s=60)
    assert poll(store, feed_id, an_entry("a", title="Corrected"), polled_at=later(5)) == 1
    assert store.feed(feed_id).entry_count == 1
    (again,) = store.claim("read", now=later(5), limit=5, lease_s=60)
    assert again.lease > work.lease
    assert store.entries_to_read([again])[0].entry.title == "Corrected"


def test_a_failed_visit_leaves_its_problem_on_the_feed(store: PostgresStore) -> None:
    feed_id = follow(store)
    healthy = follow(store, "https://a.example/feed", title="A")
    problem = Problem("gone", "The feed is gone.", "HTTP 410", 410)
    store.record_poll(
        a_visit(feed_id, status="gone", last_status=410, failures=3, problem=problem, body_digest=None), {}
    )
    feed = store.feed(feed_id)
    assert (feed.status, feed.last_status, feed.failures, feed.problem) == ("gone", 410, 3, problem)
    assert [f.id for f in store.feeds()] == [feed_id, healthy]


def test_feeds_come_by_the_page_those_that_are_not_well_first(store: PostgresStore) -> None:
    names = ("b", "가" * 40, "A", "😀" * 40, "c", "", "x" * 300, "x" * 300)
    ids = [follow(store, f"https://kurier.example/{n}", title=name) for n, name in enumerate(names)]
    for unwell, ending in ((ids[4], {"problem": Problem("parse", "No feed.")}), (ids[0], {"status": "gone"})):
        store.record_poll(a_visit(unwell, **ending), {})
    quiet = a_visit(ids[2], entries=[an_entry()], polled_at=later(-90 * 86_400))
    store.record_poll(quiet, digests_of([an_entry()]))
    seen: list[int] = []
    key: str | None = None
    for _ in range(9):
        page = store.feeds_page(quiet_since=later(-60 * 86_400), after=key, limit=3)
        seen += [feed.id for feed in page.rows]
        key = page.next_key
        if key is None:
            break
        assert len(key) < 400
    assert seen[:3] == [ids[2], ids[0], ids[4]]
    assert sorted(seen) == sorted(ids)
    assert store.feed_counts(quiet_since=later(-60 * 86_400)) == (8, 3)
    assert store.feed_counts(quiet_since=later(-100 * 86_400)) == (8, 2)
    named = store.feeds_page(quiet_since=NOW, named="XX", limit=50)
    assert {feed.id for feed in named.rows} == set(ids[-2:])
    assert store.feeds_page(quiet_since=NOW, named="%").rows == ()


def test_credentials_can_be_taken_back(store: PostgresStore) -> None:
    feed_id = follow(store, credentials=Credentials("me", "secret"))
    assert store.set_feed(feed_id, credentials=Credentials("", "")).credentials is None
    assert store.feed(feed_id).credentials is None


def test_a_moved_feed_takes_its_new_address(store: PostgresStore) -> None:
    feed_id = follow(store)
    store.record_poll(a_visit(feed_id, moved_to="https://kurier.example/new", moved_seen=2), {})
    assert (store.feed(feed_id).moved_to, store.feed(feed_id).moved_seen) == ("https://kurier.example/new", 2)
    store.record_poll(a_visit(feed_id, url="https://kurier.example/new"), {})
    assert store.feed(feed_id).url == "https://kurier.example/new"
    assert follow(store, "https://kurier.example/new") == feed_id


def test_a_feed_that_moved_onto_another_is_its_duplicate(store: PostgresStore) -> None:
    feed_id = follow(store)
    other = follow(store, "https://kurier.example/new")
    store.record_poll(a_visit(feed_id, url="https://kurier.example/new"), {})
    feed = store.feed(feed_id)
    assert (feed.url, feed.status, feed.duplicate_of) == (URL, "duplicate", other)


def test_a_feed_that_brings_the_very_document_of_another_is_its_duplicate(store: PostgresStore) -> None:
    first, second, third = (follow(store, f"https://kurier.example/{n}.xml") for n in "abc")
    entries = [an_entry("1"), an_entry("2")]
    for feed_id, body in ((second, "same"), (first, "same"), (third, "other")):
        poll(store, feed_id, *entries, body_digest=sha(body))
    assert [store.feed(n).status for n in (first, second, third)] == ["active"] * 3  # the second came before
    store.record_poll(a_visit(second, body_digest=sha("same")), {})  # and again, with nothing new
    assert (store.feed(second).status, store.feed(second).duplicate_of) == ("duplicate", first)
    store.set_feed(second, status="active")  # the operator knows better
    poll(store, second, an_entry("3"), body_digest=sha("same"))
    assert (store.feed(second).status, store.feed(second).entry_count) == ("active", 3)


def test_a_feed_that_names_another_as_itself_and_says_the_same_is_its_duplicate(store: PostgresStore) -> None:
    first, second, third = (follow(store, f"https://kurier.example/{n}.xml") for n in "abc")
    poll(store, first, an_entry("1"), an_entry("2"), an_entry("3"), body_digest=sha("a"))
    itself = "https://kurier.example/a.xml"
    poll(store, second, an_entry("1"), an_entry("2"), self_url=itself, body_digest=sha("b"))
    poll(store, third, an_entry("1"), an_entry("4"), self_url=itself, body_digest=sha("c"))
    assert [store.feed(n).duplicate_of for n in (first, second, third)] == [None, first, None]


def test_a_placeholder_that_two_feeds_share_makes_no_duplicate(store: PostgresStore) -> None:
    first, second = follow(store), follow(store, "https://kurier.example/b.xml")
    for feed_id in (first, second):
        poll(store, feed_id, an_entry("This feed has moved"), body_digest=sha("moved"))
    assert [store.feed(n).status for n in (first, second)] == ["active", "active"]


def test_a_duplicate_is_visited_again_when_its_original_is_removed(store: PostgresStore) -> None:
    first, second = follow(store), follow(store, "https://kurier.example/b.xml")
    for feed_id in (first, second):
        poll(store, feed_id, an_entry("1"), an_entry("2"), body_digest=sha("same"))
    assert store.feed(second).status == "duplicate"
    store.remove_feed(first)
    assert (store.feed(second).status, store.feed(second).duplicate_of) == ("active", None)


def test_two_feeds_do_not_become_duplicates_of_each_other(store: PostgresStore) -> None:
    first, second = (follow(store, f"{scheme}://kurier.example/feed.xml") for scheme in ("http", "https"))
    for feed_id in (first, second):
        poll(store, feed_id, an_entry("1"), an_entry("2"), body_digest=sha("same"))
    store.record_poll(a_visit(first, url=URL, body_digest=sha("same")), {})
    feed = store.feed(first)
    assert (feed.url, feed.status, feed.duplicate_of) == ("http://kurier.example/feed.xml", "active", None)
    assert store.feed(second).duplicate_of == first
    assert [f.id for f in store.claim_feeds(now=later(3600), limit=9, lease_s=60)] == [first]


def test_two_visits_that_end_together_leave_one_feed_to_visit(store: PostgresStore) -> None:
    urls = ("https://kurier.example/a.xml", "https://kurier.example/b.xml")
    for _ in range(3):
        ids = [follow(store, url) for url in urls]
        both = threading.Barrier(2)

        def move(feed_id: int, url: str, both: threading.Barrier = both) -> None:
            both.wait()
            store.record_poll(a_visit(feed_id, url=url), {})

        threads = [threading.Thread(target=move, args=one) for one in zip(ids, reversed(urls), strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(store.feed(feed_id).status for feed_id in ids) == ["active", "duplicate"]
        for feed_id in ids:
            store.remove_feed(feed_id)


@pytest.mark.parametrize("end", ["gone", "paused"])
def test_a_duplicate_is_visited_again_when_its_original_is_not(store: PostgresStore, end: FeedStatus) -> None:
    first, second = follow(store), follow(store, "https://kurier.example/b.xml")
    for feed_id in (first, second):
        poll(store, feed_id, an_entry("1"), an_entry("2"), body_digest=sha("same"))
    assert store.feed(second).status == "duplicate"
    if end == "gone":
        store.record_poll(a_visit(first, status="gone", last_status=410), {})
    else:
        store.set_feed(first, status=end)
    assert (store.feed(second).status, store.feed(second).duplicate_of) == ("active", None)
    assert [f.id for f in store.claim_feeds(now=later(3600), limit=9, lease_s=60)] == [second]
    store.record_poll(a_visit(second, body_digest=sha("same")), {})
    assert store.feed(second).status == "active"  # the other one is not visited


def test_a_feed_paused_while_it_moved_stays_paused(store: PostgresStore) -> None:
    feed_id = follow(store)
    follow(store, "https://kurier.example/new")
    store.set_feed(feed_id, status="paused")
    store.record_poll(a_visit(feed_id, url="https://kurier.example/new"), {})
    assert (store.feed(feed_id).status, store.feed(feed_id).duplicate_of) == ("paused", None)


def test_the_hours_of_quiet_outlast_a_visit_without_news(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry(), skip_hours=frozenset({0, 23}))
    store.record_poll(a_visit(feed_id), {})
    assert store.feed(feed_id).skip_hours == frozenset({0, 23})
    poll(store, feed_id, an_entry("2"), body_digest=sha("other"))
    assert store.feed(feed_id).skip_hours == frozenset()


def test_pausing_during_a_visit_holds(store: PostgresStore) -> None:
    feed_id = follow(store)
    store.set_feed(feed_id, status="paused")
    poll(store, feed_id, an_entry())
    assert store.feed(feed_id).status == "paused"


def test_the_site_a_feed_names_is_its_publisher(store: PostgresStore) -> None:
    feed_id = follow(store, "https://feedburner.example/kurier")
    poll(store, feed_id, an_entry())
    assert store.publishers() == [
        Publisher(store.feed(feed_id).publisher_id, "Der Kurier", "https://kurier.example/", None)
    ]


def test_a_visit_to_a_feed_removed_meanwhile_is_dropped(store: PostgresStore) -> None:
    feed_id = follow(store)
    store.remove_feed(feed_id)
    assert poll(store, feed_id, an_entry()) == 0


def test_a_removed_feed_takes_its_entries_and_their_work_along(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry("a"), an_entry("b"))
    (work, _) = store.claim("read", now=NOW, limit=2, lease_s=60)
    store.quarantine(work, problem=Problem("x", "y"), made_by="e/1", now=NOW)
    store.remove_feed(feed_id)
    assert store.queue_depths() == {"read": 0, "describe": 0, "group": 0, "quarantined": 0}
    assert store.publishers() == []
    assert store.entries_to_read([work]) == []


def test_a_removed_feed_takes_the_bytes_of_its_pages_along_but_for_those_that_another_needs(
    store: PostgresStore, dsn: str
) -> None:
    own, shared = a_page(b"own"), a_page(b"shared")
    read(store, guid="a", page=own)
    read(store, guid="b", page=shared)
    read(store, guid="c", page=shared, feed_url="https://andere.example/feed.xml")
    store.remove_feed(store.feeds()[0].id)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT digest FROM blobs").fetchall() == [(shared.digest,)]


def test_a_guid_used_twice_in_one_document_counts_once(store: PostgresStore) -> None:
    feed_id = follow(store)
    assert poll(store, feed_id, an_entry("a", title="First"), an_entry("a", title="Second")) == 1
    (entry,) = store.entries_to_read(store.claim("read", now=NOW, limit=5, lease_s=60))
    assert entry.entry.title == "First"


def test_an_entry_comes_back_as_the_feed_stated_it(store: PostgresStore) -> None:
    feed_id = follow(store, credentials=Credentials("me", "pw"))
    entry = an_entry(
        "g",
        summary="<p>S</p>",
        content="<p>C</p>",
        byline=("Ada Berg", "Kim 기자"),
        published_at=later(-5),
        updated_at=later(-4.5),
        language="de",
        categories=("Politik",),
        image_url="https://kurier.example/i.jpg",
        enclosures=(
            Enclosure("https://kurier.example/a.mp3", "audio/mpeg", 12, 34),
            Enclosure("https://k.example/b"),
        ),
        comments_url="https://kurier.example/c",
    )
    poll(store, feed_id, entry)
    (work,) = store.claim("read", now=NOW, limit=5, lease_s=60)
    (found,) = store.entries_to_read([work])
    assert found.entry == entry
    assert (found.work, found.feed_id, found.credentials) == (work, feed_id, Credentials("me", "pw"))
    assert (found.first_seen_at, found.article_id, found.page_validators) == (NOW, None, Validators())
    assert found.publisher.name == "Der Kurier"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(guid=st.text(max_size=3000), title=st.text(alphabet=st.characters(exclude_categories=()), max_size=50))
def test_any_text_a_feed_states_can_be_kept(store: PostgresStore, guid: str, title: str) -> None:
    feed_id = follow(store)
    entry = an_entry(guid, title=title, url=None)
    digests = {entry.guid: sha(title)}
    store.record_poll(a_visit(feed_id, entries=[entry]), digests)
    assert store.known_entries(feed_id, [guid]) == digests


def test_the_first_visit_is_bulk_and_later_ones_are_live(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry("archive"))
    poll(store, feed_id, an_entry("news"), polled_at=later(60))
    first, second = store.claim("read", now=later(60), limit=2, lease_s=60)
    titles = [e.entry.guid for e in store.entries_to_read([first, second])]
    assert titles == ["news", "archive"]
