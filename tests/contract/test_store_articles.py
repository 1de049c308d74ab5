import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from store_values import NOW, a_page, an_entry, an_extract, follow, later, load, poll, read, sha

from tidings.errors import NotFound
from tidings.model import Article, Enclosure, Extract, Problem, Publisher, Revision, Validators, Work
from tidings.store.articles import LEAD_CHARS, lead_of
from tidings.store.postgres import PostgresStore

FULL = Extract(
    headline="Tunnel opens",
    paragraphs=("First paragraph.", "Zweiter Absatz.", "셋째 문단."),
    made_by="extract/1",
    standfirst="After nine years",
    byline=("Ada Berg", "Kim"),
    dateline="HARBOURTON",
    section="Region",
    published_at=NOW - timedelta(hours=2),
    modified_at=NOW - timedelta(hours=1),
    canonical_url="https://kurier.example/e1",
    language="de",
    image_url="https://kurier.example/i.jpg",
    site_name="Kurier",
    access="paywall",
    from_feed=False,
    confidence=0.87,
    correction="An earlier version named the wrong day.",
)


def only(store: PostgresStore) -> Article:
    (article,) = store.articles(range(1, 50))
    return article


def described(store: PostgresStore) -> list[int]:
    return [w.subject_id for w in store.claim("describe", now=later(10**6), limit=50, lease_s=0)]


def test_an_article_is_written_whole(store: PostgresStore) -> None:
    feed_id = follow(store)
    enclosure = Enclosure("https://kurier.example/a.mp3", "audio/mpeg", 1, 2)
    poll(store, feed_id, an_entry(enclosures=(enclosure,)))
    (entry,) = store.entries_to_read(store.claim("read", now=NOW, limit=1, lease_s=60))
    change = store.record_read(
        entry,
        page=a_page(),
        extract=FULL,
        url="https://kurier.example/e1",
        text_digest=sha("t"),
        now=later(9),
    )
    assert change == "first"
    article = only(store)
    assert article == Article(
        id=article.id,
        publisher=Publisher(store.feed(feed_id).publisher_id, "Kurier", "https://kurier.example/"),
        url="https://kurier.example/e1",
        extract=FULL,
        revision=1,
        text_digest=sha("t"),
        first_seen_at=NOW,
        last_changed_at=later(9),
        enclosures=(enclosure,),
    )
    assert store.revision(article.id, 1) == Revision(
        article_id=article.id,
        revision=1,
        change="first",
        seen_at=later(9),
        headline=FULL.headline,
        standfirst=FULL.standfirst,
        paragraphs=FULL.paragraphs,
        text_digest=sha("t"),
        correction=FULL.correction,
    )
    assert store.queue_depths() == {"read": 0, "describe": 1, "group": 0, "quarantined": 0}


def test_reading_the_same_again_changes_nothing(store: PostgresStore) -> None:
    assert read(store) == "first"
    before = only(store)
    described(store)
    assert read(store, at=later(60)) is None
    assert only(store) == before
    assert store.queue_depths()["describe"] == 1  # the first one, which was claimed


def test_a_changed_text_is_a_revision_and_both_are_kept(store: PostgresStore) -> None:
    read(store)
    assert read(store, an_extract("The harbour tunnel opens on Tuesday."), at=later(60)) == "substantive"
    article = only(store)
    assert (article.revision, article.last_changed_at, article.first_seen_at) == (2, later(60), NOW)
    kept = [store.revision(article.id, n).paragraphs[0] for n in (1, 2)]
    assert kept == ["The harbour tunnel opens on Monday.", "The harbour tunnel opens on Tuesday."]
    assert described(store) == [article.id]
    with pytest.raises(NotFound):
        store.revision(article.id, 3)


def test_how_much_a_text_changed_is_for_the_caller_to_say(store: PostgresStore) -> None:
    asked: list[tuple[Revision, Extract]] = []

    def change_of(old: Revision, new: Extract) -> None:
        asked.append((old, new))

    read(store)
    new = an_extract("The harbour tunnel opens on Monday!")
    assert read(store, new, at=later(60), change_of=change_of) == "minor"
    assert asked == [(store.revision(only(store).id, 1), new)]
    assert (
        read(store, an_extract("x"), at=later(70), change_of=lambda old, new: "substantive") == "substantive"
    )


def test_another_extractor_rewrites_the_revision_it_read(store: PostgresStore) -> None:
    read(store, page=a_page())
    better = an_extract(
        "The harbour tunnel opens on Monday.\nTraffic follows.\nA third.", made_by="extract/2"
    )
    assert read(store, better, page=a_page(), at=later(60)) is None
    article = only(store)
    assert (article.revision, article.extract, article.last_changed_at) == (1, better, NOW)
    assert store.revision(article.id, 1).paragraphs == better.paragraphs
    edited = an_extract("The tunnel is closed.", made_by="extract/3")
    assert read(store, edited, page=a_page(b"edited"), at=later(90)) == "substantive"


def test_another_extractor_can_move_an_article_to_its_canonical_address(store: PostgresStore) -> None:
    read(store, page=a_page(), url="https://kurier.example/e1?edition=2")
    read(
        store,
        an_extract(made_by="extract/2"),
        page=a_page(),
        url="https://kurier.example/tunnel",
        at=later(60),
    )
    assert only(store).url == "https://kurier.example/tunnel"


def test_entries_of_two_feeds_lead_to_one_article(store: PostgresStore) -> None:
    assert read(store, url="https://kurier.example/x") == "first"
    other = read(
        store,
        guid="other",
        feed_url="https://anzeiger.example/feed",
        url="https://kurier.example/x",
        at=later(60),
    )
    assert other is None
    assert only(store).publisher.name == "Der Kurier"


@pytest.mark.parametrize(
    ("poorer", "from_page"),
    [
        (an_extract("Summary.", from_feed=True), False),
        (an_extract("The harbour tunnel …", access="paywall"), True),
        (an_extract("We value your privacy.", access="consent"), True),
    ],
)
def test_a_poorer_text_never_replaces_a_better_one(
    store: PostgresStore, poorer: Extract, from_page: bool
) -> None:
    read(store, page=a_page())
    before = only(store)
    page = a_page(b"wall") if from_page else None
    assert read(store, poorer, page=page, at=later(60)) is None
    assert only(store) == before


def test_the_page_in_place_of_the_feeds_own_text_is_no_revision(store: PostgresStore) -> None:
    read(store, an_extract("Summary.", from_feed=True))
    assert read(store, page=a_page(), at=later(60)) is None
    article = only(store)
    assert (article.revision, article.extract.from_feed, len(article.extract.paragraphs)) == (1, False, 2)
    assert described(store) == [article.id]


def test_a_wall_that_falls_is_no_revision(store: PostgresStore) -> None:
    read(store, an_extract("The harbour tunnel …", access="paywall"), page=a_page(b"wall"))
    assert read(store, page=a_page(), at=later(60)) is None
    assert (only(store).extract.access, only(store).revision) == ("open", 1)


def test_a_time_once_known_is_not_forgotten(store: PostgresStore) -> None:
    read(store, an_extract(published_at=NOW))
    read(store, an_extract("Changed."), at=later(60))
    assert only(store).extract.published_at == NOW


def test_who_lost_the_lease_records_nothing(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry())
    (stale,) = store.entries_to_read(store.claim("read", now=NOW, limit=1, lease_s=60))
    poll(store, feed_id, an_entry(title="Changed"), polled_at=later(5))
    recorded = store.record_read(
        stale, page=a_page(), extract=an_extract(), url="u", text_digest=b"", now=NOW
    )
    assert recorded is None
    assert store.articles(range(9)) == []
    assert store.queue_depths() == {"read": 1, "describe": 0, "group": 0, "quarantined": 0}


def test_one_url_read_by_many_at_once_is_one_article(store: PostgresStore) -> None:
    works: list[Work] = []
    for n in range(8):
        feed_id = follow(store, f"https://feed{n}.example/feed")
        poll(store, feed_id, an_entry(f"e{n}"))
    works = store.claim("read", now=NOW, limit=8, lease_s=60)
    changes: list[object] = []

    def record(work: Work) -> None:
        (entry,) = store.entries_to_read([work])
        changes.append(
            store.record_read(
                entry,
                page=a_page(),
                extract=an_extract(),
                url="https://x.example/1",
                text_digest=b"1",
                now=NOW,
            )
        )

    threads = [threading.Thread(target=record, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, changes)) == ["None"] * 7 + ["first"]
    assert only(store).url == "https://x.example/1"


def test_pages_are_kept_once_and_the_last_one_is_given_back(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry())
    work = store.claim("read", now=NOW, limit=1, lease_s=60)
    (entry,) = store.entries_to_read(work)
    assert store.kept_page(entry.entry_id) is None
    first = a_page(headers={"set-cookie": "id=1", "etag": '"1"'})
    store.keep_page(entry, first)
    store.keep_page(entry, first)
    assert store.kept_page(entry.entry_id) == replace(first, headers={"etag": '"1"'})
    last = a_page(b"\x00\xff" * 5000, fetched_at=later(5))
    store.keep_page(entry, last)
    assert store.kept_page(entry.entry_id) == last
    assert store.entries_to_read(work)[0].page_validators == Validators('"p1"', "yesterday")
    assert store.forget_pages(before=later(1)) == 1
    assert store.kept_page(entry.entry_id) == last


def test_redo_queues_what_another_version_made(store: PostgresStore) -> None:
    read(store, an_extract(made_by="extract/1"), guid="a")
    read(store, an_extract(made_by="extract/2"), guid="b")
    poll(store, follow(store), an_entry("poison"))
    (work,) = store.claim("read", now=NOW, limit=9, lease_s=60)
    store.quarantine(work, problem=Problem("x", "y"), made_by="extract/1", now=NOW)
    assert store.redo("read", made_by="extract/2", now=later(5)) == 2
    assert store.redo("read", made_by="extract/2", now=later(5)) == 0
    claimed = store.entries_to_read(store.claim("read", now=later(5), limit=9, lease_s=60))
    assert sorted(e.entry.guid for e in claimed) == ["a", "poison"]
    assert store.redo("read", made_by=None, now=later(5)) == 1


def test_loaded_articles_are_written_in_bulk_and_only_once(store: PostgresStore) -> None:
    ids = load(store, "one", "two", "one")
    assert ids[0] == ids[2] != ids[1]
    assert [a.extract.headline for a in store.articles([ids[1], 999, ids[0]])] == ["two", "one"]
    two, three = load(store, "two", "three")
    assert two == ids[1]
    assert sorted(described(store)) == sorted([ids[0], two, three])
    assert len(store.articles([three])[0].extract.paragraphs) == 1


def test_a_lead_is_cut_at_a_space() -> None:
    assert lead_of(()) == ""
    assert lead_of(("short", "other")) == "short"
    long = "word " * 300
    assert lead_of((long,)) == long[: LEAD_CHARS - 1].rsplit(" ", 1)[0] + "…"
    assert lead_of(("가" * 1000,)) == "가" * (LEAD_CHARS - 1) + "…"


@pytest.mark.parametrize("known_from_feed", [False, True])
def test_what_another_publishers_feed_says_of_an_article_does_not_write_over_it(
    store: PostgresStore, known_from_feed: bool
) -> None:
    url = "https://kurier.example/e1"
    read(store, an_extract(from_feed=known_from_feed), url=url, page=None if known_from_feed else a_page())
    blog = follow(store, "https://blog.example/feed.xml")
    poll(store, blog, an_entry("remark", url=url), site_url="https://blog.example/", polled_at=later(60))
    (entry,) = store.entries_to_read(store.claim("read", now=later(60), limit=9, lease_s=60))
    remark = an_extract("My view of the tunnel.", headline="My view", from_feed=True)
    change = store.record_read(
        entry, page=None, extract=remark, url=url, text_digest=sha("remark"), now=later(61)
    )
    assert change is None
    assert (only(store).extract.headline, only(store).revision) == ("Tunnel opens", 1)
