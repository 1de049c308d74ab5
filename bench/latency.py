"""Pages and searches at 12,000 articles: p50 and p95 over distinct addresses with cold caches, the bodies checked.

The articles come from the corpus, of as many publishers as it names; as many feeds again as an instance may follow stand beside
them.  The database is stopped and started anew before the first request, and the site runs in its own process, as it does
for readers; requests come one after another over one connection, each address once.  Where fewer than 500 addresses of a kind
exist, all of them are asked.  Beside p50 and p95 stands the processor time a request takes of site and database together,
which says more than they on a machine that is busy with other work.

Vectors of the texts are kept on disk (see evals.vectors), for the loading is no part of what is measured.  With
TIDINGS_BENCH_HOME the loaded instance itself is kept in that folder, and the next run only measures.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil

from bench.throughput import corpus_rows
from evals.vectors import KeptVectors, kept_english
from tidings.app import Tidings, opened
from tidings.config import Settings
from tidings.model import Listed, NewFeed, PollOutcome, Problem, Validators
from tidings.web.present import article_href, publisher_href, story_href
from tidings.web.words import quiet_since

ARTICLES = 12_000
REQUESTS = 500
FEEDS = 1_000
PORT = 8691

Asked = list[tuple[str, str]]  # an address, and what its body must hold


def measure(data: Path) -> dict[str, float]:
    """Return p50 and p95 in milliseconds for every kind of page."""
    rows = corpus_rows(data, ARTICLES)
    figures: dict[str, float] = {}
    with _home() as home:
        settings = Settings(home=home)
        with opened(settings, embedder=KeptVectors(), english=kept_english()) as tidings:
            load(tidings, rows)
            addresses = addresses_of(tidings, rows)
        with opened(settings) as tidings, site(tidings) as client:  # the database's own caches are cold again
            for kind, asked in addresses.items():
                before = cpu_s()
                took = [timed(client, path, must_hold) for path, must_hold in asked]
                figures[f"{kind}_n"] = len(took)
                figures[f"{kind}_p50_ms"] = statistics.median(took)
                figures[f"{kind}_p95_ms"] = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
                figures[f"{kind}_cpu_ms"] = 1000 * (cpu_s() - before) / len(took)
    return figures


@contextmanager
def _home() -> Iterator[Path]:
    kept = os.environ.get("TIDINGS_BENCH_HOME")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="tidings-bench-") as folder:
        yield Path(folder)


def load(tidings: Tidings, rows: Sequence[dict[str, str]]) -> None:
    """Take in the articles and the feeds, one feed in twenty with a problem, unless they are there."""
    counts = tidings.store.counts()
    if not counts["articles"] or counts["placed"] < counts["articles"]:
        tidings.load_texts(rows)
    tidings.searcher.refresh()
    now = tidings.clock()
    for number in range(tidings.store.counts()["feeds"], FEEDS):
        new = NewFeed(f"https://feed-{number}.example/feed.xml", title=f"Feed {number}")
        feed, _ = tidings.store.add_feed(new, now=now)
        is_failing = number % 20 == 0
        tidings.store.record_poll(
            PollOutcome(
                feed_id=feed.id,
                polled_at=now,
                next_poll_at=now + timedelta(days=1),
                interval_s=3600,
                status="active",
                last_status=503 if is_failing else 304,
                validators=Validators(),
                body_digest=None,
                failures=int(is_failing),
                problem=Problem("bad-reply", "It answered with status 503.", status=503)
                if is_failing
                else None,
            ),
            {},
        )


def addresses_of(tidings: Tidings, rows: Sequence[dict[str, str]]) -> dict[str, Asked]:
    """REQUESTS distinct addresses of each kind where there are as many, each with words its body must hold."""
    store = tidings.store
    cards = []
    latest: Asked = []
    after: str | None = None
    while len(latest) < REQUESTS:
        latest.append((_paged("/latest", after), "data-row"))
        listed = store.latest(after=after)
        cards += listed.rows
        after = listed.next_key
        if after is None:
            break
    front: Asked = []
    stories = []
    while len(front) < REQUESTS:
        front.append((_paged("/", after), "data-row"))
        page = store.front(after=after, limit=24)
        stories += page.rows
        after = page.next_key
        if after is None:
            break
    # The most told stories first: theirs are the heaviest pages.
    stories.sort(key=lambda story: -story.article_count)
    every = max(1, len(cards) // REQUESTS)
    titles = [row["title"] for row in rows[:: max(1, len(rows) // (REQUESTS * 3))]]
    words = [found[:3] for title in titles if len(found := re.findall(r"[A-Za-z]{5,}", title)) >= 3]
    searches = list(dict.fromkeys(f"/search?q={quote(' '.join(some))}" for some in words))
    tags = [tag.slug for tag in store.hashtag_vocabulary() if tag.article_count]
    publishers = [publisher.id for publisher in store.publishers()]
    return {
        "front": front,
        "latest": latest,
        "story": [
            (story_href(story.id, story.headline), "What happened when") for story in stories[:REQUESTS]
        ],
        "article": [
            (article_href(card.id, card.headline), "Related articles") for card in cards[::every][:REQUESTS]
        ],
        "revisions": [(f"/article/{card.id}/revisions", "Versions") for card in cards[::every][:REQUESTS]],
        "tag": [(f"/tag/{quote(slug, safe='')}", "data-row") for slug in tags[:REQUESTS]],
        "tags": _following("/tags", store.hashtags, 200),
        "publisher": _publisher_pages(tidings, publishers),
        "publishers": _following("/publishers", store.publishers_page, 100),
        "feeds": _following(
            "/feeds", partial(store.feeds_page, quiet_since=quiet_since(tidings.clock())), 50
        ),
        "search": [(path, "<mark") for path in searches[:REQUESTS]],
        "search_filtered": [
            (f"{path}&language=en&since=2013-01-01", "data-row") for path in searches[REQUESTS : 2 * REQUESTS]
        ],
    }


def _following(path: str, fetch: Callable[..., Listed[Any]], limit: int) -> Asked:
    """Every page of a list, up to REQUESTS."""
    asked: Asked = []
    after: str | None = None
    while len(asked) < REQUESTS:
        asked.append((_paged(path, after), "<li"))
        after = fetch(after=after, limit=limit).next_key
        if after is None:
            break
    return asked


def _publisher_pages(tidings: Tidings, publishers: Sequence[int]) -> Asked:
    """The first page of every publisher, then the following ones, until there are enough."""
    asked: Asked = []
    waiting: list[tuple[int, str | None]] = [(publisher_id, None) for publisher_id in publishers]
    while waiting and len(asked) < REQUESTS:
        publisher_id, after = waiting.pop(0)
        found, listed = tidings.store.publisher(publisher_id, after=after)
        if not listed.rows:
            continue
        asked.append((_paged(publisher_href(found), after), "data-row"))
        if listed.next_key:
            waiting.append((publisher_id, listed.next_key))
    return asked


def _paged(path: str, after: str | None) -> str:
    return f"{path}?after={quote(after)}" if after else path


def timed(client: httpx.Client, path: str, must_hold: str) -> float:
    """Return the milliseconds of one page.  Raises RuntimeError when it is not the page that was asked for."""
    started = time.perf_counter()
    reply = client.get(path)
    took = (time.perf_counter() - started) * 1000
    if reply.status_code != 200 or must_hold not in reply.text:
        raise RuntimeError(f"{path} answered {reply.status_code} without {must_hold!r}")
    return took


def cpu_s() -> float:
    """Return the processor seconds that the site and the database have used: what others do on the machine is not in it."""
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            spent += sum(process.cpu_times()[:2])
    return spent


@contextmanager
def site(tidings: Tidings) -> Iterator[httpx.Client]:
    """The site of this instance in a process of its own."""
    environment = {**os.environ, "TIDINGS_HOME": str(tidings.settings.home), "TIDINGS_PORT": str(PORT)}
    process = subprocess.Popen([sys.executable, "-m", "tidings", "serve"], env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as client:
            for _ in range(600):
                try:
                    client.get("/readyz")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            client.get("/search?q=warm")  # loads the model and opens the index once, as a running site has
            yield client
    finally:
        process.terminate()
        process.wait(20)
