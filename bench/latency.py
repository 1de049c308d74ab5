"""Pages and searches at 12,000 articles: p50 and p95 over distinct addresses with cold caches, the bodies checked.

The site runs in its own process, as it does for readers; requests come one after another over one connection.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx

from bench.throughput import corpus_rows
from tidings.app import Tidings, open_scratch

ARTICLES = 12_000
REQUESTS = 500


def measure(data: Path) -> dict[str, float]:
    """Return p50 and p95 in milliseconds for the front page, stories, articles, tags, publishers and searches."""
    rows = corpus_rows(data, ARTICLES)
    figures: dict[str, float] = {}
    with open_scratch() as tidings:
        tidings.load_texts(rows)
        addresses = addresses_of(tidings, rows)
        with site(tidings) as client:
            for kind, asked in addresses.items():
                took = [timed(client, path, must_hold) for path, must_hold in asked]
                figures[f"{kind}_n"] = len(took)
                figures[f"{kind}_p50_ms"] = statistics.median(took)
                figures[f"{kind}_p95_ms"] = statistics.quantiles(took, n=20)[-1]
    return figures


def addresses_of(tidings: Tidings, rows: Sequence[dict[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """At least REQUESTS distinct addresses of each kind where there are as many, each with words its body must hold."""
    cards = []
    after: str | None = None
    while len(cards) < REQUESTS * 2:
        listed = tidings.store.latest(after=after, limit=100)
        cards += listed.rows
        after = listed.next_key
        if after is None:
            break
    fronts: list[tuple[str, str]] = []
    stories: list[tuple[str, str]] = []
    after = None
    while len(fronts) < REQUESTS:
        page = tidings.store.front(after=after, limit=20)
        fronts.append((f"/?after={quote(after)}" if after else "/", "<main"))
        stories += [(f"/story/{card.id}", "<main") for card in page.rows]
        after = page.next_key
        if after is None:
            break
    words = [
        re.findall(r"[A-Za-z]{5,}", row["title"])[:3] for row in rows[:: max(1, len(rows) // (REQUESTS * 2))]
    ]
    searches = [f"/search?q={quote(' '.join(some))}" for some in words if len(some) == 3]
    return {
        "front": fronts[:REQUESTS],
        "story": stories[:REQUESTS],
        "article": [(f"/article/{card.id}", "<article") for card in cards[:REQUESTS]],
        "search": [(path, "<mark") for path in dict.fromkeys(searches)][:REQUESTS],
    }


def timed(client: httpx.Client, path: str, must_hold: str) -> float:
    """Return the milliseconds of one page; redirects to its full address are followed before the clock starts."""
    while True:
        started = time.perf_counter()
        reply = client.get(path)
        took = (time.perf_counter() - started) * 1000
        if reply.is_redirect:
            path = reply.headers["location"]
            continue
        if reply.status_code != 200 or must_hold not in reply.text:
            raise RuntimeError(f"{path} answered {reply.status_code} without {must_hold!r}")
        return took


@contextmanager
def site(tidings: Tidings) -> Iterator[httpx.Client]:
    """The site of this instance in a process of its own."""
    port = 8691
    environment = {**os.environ, "TIDINGS_HOME": str(tidings.settings.home), "TIDINGS_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "tidings", "serve"], env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
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
