"""When a feed is visited again, and what a visit means for it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.errors import BadReply, FetchError, Gone, ParseError, Refused, Throttled, Unreachable
from tidings.feeds.schedule import content_digest, plan_poll
from tidings.model import (
    Credentials,
    Enclosure,
    Entry,
    Feed,
    FeedDocument,
    PollOutcome,
    Problem,
    Reply,
    Validators,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://ledger.example/feed"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
OLD = Validators(etag='"old"', last_modified="Mon, 09 Mar 2026 00:00:00 GMT")
NEW = Validators(etag='W/"new"')


def feed(**fields: object) -> Feed:
    plain = Feed(
        id=1,
        publisher_id=1,
        url=URL,
        title="Ledger",
        site_url=None,
        status="active",
        full_text=True,
        interval_s=HOUR,
        next_poll_at=NOW,
        created_at=NOW - timedelta(days=1),
        validators=OLD,
        body_digest=b"old",
    )
    return replace(plain, **fields)


def reply(*, status: int = 200, body: bytes = b"new", **fields: object) -> Reply:
    plain = Reply(
        url=URL, final_url=URL, status=status, headers={}, body=body, fetched_at=NOW, validators=NEW
    )
    return replace(plain, **fields)


def document(*ages_h: float, **fields: object) -> FeedDocument:
    entries = tuple(
        Entry(guid=str(n), url=None, title="t", published_at=NOW - timedelta(hours=age))
        for n, age in enumerate(ages_h)
    )
    return replace(FeedDocument(format="rss", title="T", entries=entries), **fields)


def visit(
    to: Feed | None = None,
    *,
    answer: Reply | None = None,
    error: FetchError | ParseError | None = None,
    found: FeedDocument | None = None,
    min_interval_s: int = 900,
    jitter: float = 0.0,
) -> PollOutcome:
    return plan_poll(
        to or feed(),
        reply=answer or (None if error else reply()),
        error=error,
        document=found,
        now=NOW,
        min_interval_s=min_interval_s,
        jitter=jitter,
    )


def wait_s(outcome: PollOutcome) -> float:
    return (outcome.next_poll_at - NOW).total_seconds()


# ── what was answered ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_document_is_kept_with_its_digest_and_validators() -> None:
    found = document(1, 5, 9)
    assert visit(feed(failures=3, problem=Problem("fetch", "no")), found=found) == PollOutcome(
        feed_id=1,
        polled_at=NOW,
        next_poll_at=NOW + timedelta(seconds=5_400),
        interval_s=5_400,  # three entries in nine hours
        status="active",
        last_status=200,
        validators=NEW,
        body_digest=hashlib.sha256(b"new").digest(),
        document=found,
    )


def test_the_same_bytes_bring_no_document_but_new_validators() -> None:
    same = feed(body_digest=hashlib.sha256(b"new").digest())
    outcome = visit(same, found=document(1))
    assert (outcome.document, outcome.validators, outcome.body_digest) == (None, NEW, same.body_digest)


def test_an_answer_without_validators_forgets_the_old_ones() -> None:
    outcome = visit(answer=reply(validators=Validators()), found=document(1))
    assert outcome.validators == Validators()


def test_not_modified_confirms_the_old_validators_and_takes_what_it_names() -> None:
    silent = visit(answer=reply(status=304, body=b"", validators=Validators()))
    assert (silent.validators, silent.body_digest, silent.last_status) == (OLD, b"old", 304)
    named = visit(answer=reply(status=304, body=b"", validators=NEW))
    assert named.validators == Validators(etag=NEW.etag, last_modified=OLD.last_modified)


def test_a_permanent_redirect_is_believed_at_the_third_sighting_in_a_row() -> None:
    target = "https://ledger.example/new"
    at, seen = None, 0
    for sighting in (1, 2):
        outcome = visit(feed(moved_to=at, moved_seen=seen), answer=reply(moved_to=target))
        at, seen = outcome.moved_to, outcome.moved_seen
        assert (at, seen, outcome.url) == (target, sighting, None)
    last = visit(feed(moved_to=at, moved_seen=seen), answer=reply(moved_to=target))
    assert (last.moved_to, last.moved_seen, last.url) == (None, 0, target)


@pytest.mark.parametrize(
    ("before", "answer", "expected"),
    [
        ({"moved_to": "https://a.example/", "moved_seen": 2}, {}, (None, 0, None)),  # the chain broke
        (
            {"moved_to": "https://a.example/", "moved_seen": 2},
            {"moved_to": "https://b.example/"},
            ("https://b.example/", 1, None),
        ),
        (
            {"moved_to": "http://a.example/", "moved_seen": 2},
            {"moved_to": "http://a.example/"},
            ("http://a.example/", 3, None),  # never from https to http
        ),
        (
            {"moved_to": "https://a.example/", "moved_seen": 2, "credentials": Credentials("ed", "x")},
            {"moved_to": "https://a.example/"},
            ("https://a.example/", 3, None),  # credentials stay with their host
        ),
        ({}, {"moved_to": URL + "#x"}, (None, 0, None)),
    ],
)
def test_other_redirects_do_not_move_a_feed(
    before: dict[str, object], answer: dict[str, object], expected: tuple[str | None, int, str | None]
) -> None:
    outcome = visit(feed(**before), answer=reply(**answer))
    assert (outcome.moved_to, outcome.moved_seen, outcome.url) == expected


# ── how often ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ages_h", "interval_s"),
    [
        ([n / 10 for n in range(30)], 900),  # ten entries an hour: never under 15 minutes
        (list(range(24)), 1_725),  # one an hour
        ([1, 25, 49, 73, 97, 121, 145, 169], 6 * HOUR),  # one a day
        ([24 * 20], 6 * HOUR),
        ([24 * 31], DAY),  # dormant
        ([0], 1_800),
    ],
)
def test_a_feed_is_visited_at_half_of_its_usual_gap(ages_h: list[float], interval_s: int) -> None:
    outcome = visit(found=document(*ages_h))
    assert (outcome.interval_s, wait_s(outcome)) == (interval_s, interval_s)


def test_a_feed_without_dates_is_visited_hourly() -> None:
    undated = FeedDocument(format="rss", title="T", entries=(Entry(guid="1", url=None, title="t"),))
    assert visit(feed(interval_s=6 * HOUR), found=undated).interval_s == HOUR


@pytest.mark.parametrize(
    ("silent", "interval_s"),
    [
        (timedelta(hours=1), HOUR),  # not less than before
        (timedelta(hours=48), 3 * HOUR),
        (timedelta(days=20), 6 * HOUR),
        (timedelta(days=31), DAY),
    ],
)
def test_a_silent_feed_is_visited_ever_more_rarely(silent: timedelta, interval_s: int) -> None:
    outcome = visit(feed(last_changed_at=NOW - silent), answer=reply(status=304, body=b""))
    assert outcome.interval_s == interval_s


def test_what_the_publisher_asks_for_is_kept_up_to_a_day() -> None:
    busy = document(*[n / 10 for n in range(30)])
    assert wait_s(visit(found=replace(busy, ttl_s=2 * HOUR))) == 2 * HOUR
    assert wait_s(visit(found=replace(busy, ttl_s=99 * DAY))) == DAY
    assert wait_s(visit(answer=reply(fresh_for_s=3 * HOUR), found=busy)) == 3 * HOUR
    assert wait_s(visit(answer=reply(fresh_for_s=99.0 * DAY), found=busy)) == DAY
    assert visit(answer=reply(fresh_for_s=3 * HOUR), found=busy).interval_s == 900  # it may change its mind


def test_a_visit_avoids_the_hours_of_quiet() -> None:
    quiet = document(*[n / 10 for n in range(30)], skip_hours=frozenset({12, 13}))
    assert visit(found=quiet).next_poll_at == NOW.replace(hour=14)
    assert visit(found=quiet, jitter=1.0).next_poll_at == NOW.replace(hour=14, minute=10)
    asleep = feed(skip_hours=frozenset({13}), body_digest=hashlib.sha256(b"new").digest())
    assert visit(asleep).next_poll_at == NOW.replace(hour=14)  # nothing new, and still quiet
    assert visit(asleep, error=Unreachable(URL, "Down.")).next_poll_at == NOW.replace(hour=14)
    always = document(0, skip_hours=frozenset(range(24)))
    assert wait_s(visit(found=always)) <= DAY + HOUR


def test_a_hub_that_promised_to_push_makes_polls_rare_until_its_lease_ends() -> None:
    busy = document(*[n / 10 for n in range(30)])
    assert wait_s(visit(feed(hub_lease_until=NOW + timedelta(days=2)), found=busy)) == 6 * HOUR
    assert wait_s(visit(feed(hub_lease_until=NOW - timedelta(days=2)), found=busy)) == 900


def test_the_operators_own_hosts_are_visited_as_often_as_the_operator_says() -> None:
    own = visit(answer=reply(fresh_for_s=DAY), found=document(1, ttl_s=DAY), min_interval_s=5)
    assert wait_s(own) == 5
    assert wait_s(visit(error=Unreachable(URL, "No answer."), min_interval_s=5)) == 5
    assert wait_s(visit(feed(failures=3), error=Unreachable(URL, "No answer."), min_interval_s=5)) == 40


@given(
    st.lists(st.floats(-48, 24 * 400), max_size=60),
    st.integers(0, 10**9) | st.none(),
    st.floats(0, 10**9) | st.none(),
    st.frozensets(st.integers(0, 23)),
    st.integers(0, 10**7),
    st.floats(0, 1),
    st.integers(0, 500),
)
def test_no_visit_comes_within_15_minutes_or_after_a_day_and_an_hour_or_two(
    ages_h: list[float],
    ttl_s: int | None,
    fresh_for_s: float | None,
    quiet: frozenset[int],
    interval_s: int,
    jitter: float,
    failures: int,
) -> None:
    known = feed(interval_s=interval_s, failures=failures)
    found = document(*ages_h, ttl_s=ttl_s, skip_hours=quiet)
    outcomes = [
        visit(known, answer=reply(fresh_for_s=fresh_for_s), found=found, jitter=jitter),
        visit(known, answer=reply(status=304, body=b"", fresh_for_s=fresh_for_s), jitter=jitter),
        visit(known, error=Unreachable(URL, "No answer."), jitter=jitter),
        visit(known, error=Gone(URL, "Gone.", status=404), jitter=jitter),
    ]
    for outcome in outcomes:
        assert 900 <= wait_s(outcome) <= 2.2 * DAY
        assert outcome.next_poll_at.utcoffset() == timedelta(0)


# ── what went wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_failures_wait_twice_as_long_each_time_up_to_a_day() -> None:
    waits = [wait_s(visit(feed(failures=n), error=Unreachable(URL, "No answer."))) for n in range(7)]
    assert waits == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]
    outcome = visit(error=Unreachable(URL, "No answer.", detail="timed out", status=502))
    assert outcome.problem == Problem("unreachable", "No answer.", "timed out", 502)
    assert (outcome.failures, outcome.interval_s, outcome.validators, outcome.body_digest) == (
        1,
        HOUR,
        OLD,
        b"old",
    )


def test_retry_after_is_kept_up_to_a_week() -> None:
    def throttled(seconds: float) -> float:
        return wait_s(visit(error=Throttled(URL, "Too many.", retry_after_s=seconds, status=429)))

    assert [throttled(1), throttled(5 * HOUR), throttled(99 * DAY)] == [HOUR, 5 * HOUR, 7 * DAY]


def test_our_own_spacing_is_no_failure_of_the_feed() -> None:
    known = feed(
        failures=2, problem=Problem("fetch", "no"), last_polled_at=NOW - timedelta(hours=2), last_status=500
    )
    outcome = visit(known, error=Throttled(URL, "Busy.", retry_after_s=7))
    assert (wait_s(outcome), outcome.failures, outcome.problem, outcome.last_status) == (
        7,
        2,
        known.problem,
        500,
    )
    assert outcome.polled_at == known.last_polled_at


def test_410_ends_the_visits_and_says_what_to_do() -> None:
    outcome = visit(error=Gone(URL, "Gone.", status=410))
    assert outcome.status == "gone"
    assert "remove this one" in outcome.problem.message


def test_404_goes_on_rarely_and_says_so() -> None:
    outcome = visit(feed(failures=9), error=Gone(URL, "Gone.", status=404))
    assert (outcome.status, wait_s(outcome)) == ("active", DAY)
    assert "10 times in a row" in outcome.problem.message


@pytest.mark.parametrize(
    ("known", "error", "words"),
    [
        ({}, Refused(URL, "No.", status=401), "asks for a name and password"),
        ({"credentials": Credentials("ed", "x")}, Refused(URL, "No.", status=401), "does not take the name"),
        ({}, Refused(URL, "No.", status=403), "Open the address in a browser"),
        ({}, Refused(URL, "robots.txt keeps Tidings out."), "robots.txt keeps Tidings out."),
        ({}, BadReply(URL, "Too large."), "Too large."),
    ],
)
def test_a_refusal_says_what_to_do(known: dict[str, object], error: FetchError, words: str) -> None:
    assert words in visit(feed(**known), error=error).problem.message


def test_bytes_that_are_no_feed_are_asked_for_again_whole() -> None:
    error = ParseError(URL, "A web page.", reason="html-page")
    outcome = visit(answer=reply(), error=error)
    assert (outcome.validators, outcome.body_digest, outcome.last_status) == (Validators(), b"old", 200)
    assert outcome.problem == Problem("parse", "A web page.", "html-page", 200)


def test_a_feed_thought_gone_that_answers_lives_again() -> None:
    assert visit(feed(status="gone"), found=document(1)).status == "active"
    assert visit(feed(status="paused"), found=document(1)).status == "paused"


# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────────

ENTRY = Entry(
    guid="1",
    url="https://ledger.example/a",
    title="t",
    content="<p>One two</p>",
    published_at=NOW,
    enclosures=(Enclosure("https://ledger.example/a.mp3"),),
)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://ledger.example/a?utm_source=rss"},
        {"content": "<p>One <b>two</b></p>"},
        {"published_at": NOW + timedelta(hours=1)},
        {"image_url": "https://ledger.example/i.jpg?token=2"},
        {"enclosures": (Enclosure("https://ledger.example/a.mp3?token=2"),)},
    ],
)
def test_what_feeds_make_anew_each_time_is_no_change(change: dict[str, object]) -> None:
    assert content_digest(replace(ENTRY, **change)) == content_digest(ENTRY)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "u"},
        {"url": "https://ledger.example/b"},
        {"content": "<p>One three</p>"},
        {"summary": "One"},
        {"byline": ("Ann",)},
        {"updated_at": NOW},
        {"enclosures": ()},
    ],
)
def test_what_an_entry_says_anew_is_a_change(change: dict[str, object]) -> None:
    assert content_digest(replace(ENTRY, **change)) != content_digest(ENTRY)
