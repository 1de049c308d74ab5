"""Refreshing 1,000 feeds on loopback: feeds/s, unchanged and changed, beside a plain feedparser + requests loop.

The server is a process of its own; feeds live on 100 host names of one port, so the limit of two requests at once a host is
in force, as it would be in the world.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tidings.app import OwnHost, Tidings, open_scratch
from tidings.model import FoundFeed

FEEDS = 1000
HOSTS = 100
ENTRIES = 30
PLAIN = 150  # feeds that the plain loop visits: it is slow, and its rate is steady


def measure(data: Path) -> dict[str, float]:
    """Return feeds per second of both ways and their ratios."""
    del data
    with served() as port:
        urls = [f"http://h{n % HOSTS}.localhost:{port}/{n}.xml" for n in range(FEEDS)]
        own = {f"h{n}.localhost:{port}": OwnHost(spacing_s=0.0) for n in range(HOSTS)}
        with open_scratch(own_hosts=own) as tidings:
            for url in urls:
                tidings.follow(FoundFeed(url=url), full_text=False)
            first = visit_all(tidings)
            unchanged = visit_all(tidings)
            turn_page(port)
            changed = visit_all(tidings)
        plain_changed = plain(port, conditional=False)
        plain_unchanged = plain(port, conditional=True)
    return {
        "first_feeds_per_s": first,
        "unchanged_feeds_per_s": unchanged,
        "changed_feeds_per_s": changed,
        "plain_changed_feeds_per_s": plain_changed,
        "plain_unchanged_feeds_per_s": plain_unchanged,
        "unchanged_ratio": unchanged / plain_unchanged,
        "changed_ratio": changed / plain_changed,
    }


def visit_all(tidings: Tidings) -> float:
    """Make every feed due, visit each once as a worker does, and return feeds per second."""
    for feed in tidings.store.feeds():
        tidings.store.set_feed(feed.id, next_poll_at=tidings.clock())
    started = time.perf_counter()
    visited = 0
    with ThreadPoolExecutor(tidings.settings.fetch_threads) as pool:
        while claimed := tidings.store.claim_feeds(now=tidings.clock(), limit=128, lease_s=180.0):
            list(pool.map(tidings.pipeline.poll, claimed))
            visited += len(claimed)
    seconds = time.perf_counter() - started
    if visited != FEEDS:
        raise RuntimeError(f"{visited} of {FEEDS} feeds were visited")
    failed = [feed for feed in tidings.store.feeds() if feed.problem]
    if failed:
        raise RuntimeError(f"{failed[0].url}: {failed[0].problem}")
    return visited / seconds


def plain(port: int, *, conditional: bool) -> float:
    """Return feeds per second of a loop over requests.get and feedparser.parse."""
    import feedparser
    import requests

    headers = {"If-None-Match": edition(port)} if conditional else {}
    started = time.perf_counter()
    with requests.Session() as session:
        for number in range(PLAIN):
            reply = session.get(
                f"http://127.0.0.1:{port}/{number}.xml",
                headers={"Host": f"h{number % HOSTS}.localhost:{port}", **headers},
                timeout=10,
            )
            if reply.status_code == 200 and len(feedparser.parse(reply.content).entries) != ENTRIES:
                raise RuntimeError("feedparser saw another number of entries")
    return PLAIN / (time.perf_counter() - started)


# ── the server ───────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def served() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", "bench.refresh"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def turn_page(port: int) -> None:
    """Let every feed have a new entry."""
    import requests

    requests.post(f"http://127.0.0.1:{port}/", timeout=10)


def edition(port: int) -> str:
    import requests

    return str(requests.head(f"http://127.0.0.1:{port}/0.xml", timeout=10).headers["etag"])


def feed_bytes(name: str, newest: int) -> bytes:
    entries = "".join(
        f"<item><title>Council meeting {n} of {name}</title><link>http://council.example/{name}/a/{n}</link><guid>{name}-{n}</guid>"
        f"<pubDate>{datetime.fromtimestamp(1_760_000_000 + n * 600, UTC):%a, %d %b %Y %H:%M:%S GMT}</pubDate>"
        f"<description>The council of {name} met for the {n}th time and adjourned after two hours without a vote on "
        "the harbour, the schools and the budget, as it had the week before.</description></item>"
        for n in range(newest, newest - ENTRIES, -1)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {name}</title><link>http://council.example/</link>'
        f"<description>A feed</description>{entries}</channel></rss>"
    ).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    newest = 100

    def do_GET(self) -> None:
        etag = f'"{self.newest}"'
        if self.headers.get("if-none-match") == etag:
            self.answer(304, b"", etag)
        else:
            self.answer(200, feed_bytes(self.headers["host"] + self.path, self.newest), etag)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        type(self).newest += 1
        self.answer(200, b"", "")

    def answer(self, status: int, body: bytes, etag: str) -> None:
        head = f"HTTP/1.1 {status} OK\r\netag: {etag}\r\ncontent-type: application/rss+xml\r\n"
        if status != 304:
            head += f"content-length: {len(body)}\r\n"
        self.wfile.write(head.encode() + b"\r\n" + (b"" if self.command == "HEAD" else body))

    def log_message(self, *_: object) -> None:
        """Keep standard error for what goes wrong."""


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


def main() -> None:
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
