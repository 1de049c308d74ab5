"""The whole way on real input: loopback sites serve the real pages behind feeds, and the pipeline follows them.

    python -m evals.pages ../shared/data/extraction --feeds ../shared/data/feeds --json

Every page of PATH/*.jsonl is served under its own site's name, its site has a feed that links to it, and a Tidings on an empty
data folder follows those feeds over HTTP: poll, robots.txt, fetch, extract, describe, group.  With --feeds, the real feed
files of feed-rs are followed as well, by their own text (what they link to is not here).  Figures: articles_share, the
share of pages that became articles; every other page must stand in quarantine with its reason (unaccounted is 0).
"""

import argparse
import gzip
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tidings.app import OwnHost, open_scratch
from tidings.model import FoundFeed
from tidings.worker import Worker

FEED_FILES = "feed-rs"


class Site:
    """What one host name answers: a body and its content type by path."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[bytes, str]] = {}
        self.pages: list[str] = []


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.pages")
    parser.add_argument("path", type=Path, help="the folder with *.jsonl and the pages they name")
    parser.add_argument("--feeds", type=Path, help="the folder of real feed files")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object, last")
    options = parser.parse_args()
    sites = sites_of(options.path)
    expected = sum(len(site.pages) for site in sites.values())
    feed_files = _feed_files(options.feeds) if options.feeds else []
    sites["feeds"] = Site()
    for number, file in enumerate(feed_files):
        sites["feeds"].answers[f"/{number}"] = (file.read_bytes(), _media_type(file))
    with served(sites) as port:
        names = {f"{host}.localhost:{port}": OwnHost(spacing_s=0.0) for host in sites}
        with open_scratch(own_hosts=names) as tidings:
            started = time.monotonic()
            followed = [
                tidings.follow(FoundFeed(url=f"http://{host}.localhost:{port}/feed.xml")).feed
                for host in sites
                if host != "feeds"
            ]
            page_feeds = {feed.id for feed in followed}
            for number in range(len(feed_files)):
                address = f"http://feeds.localhost:{port}/{number}"
                tidings.follow(FoundFeed(url=address), full_text=False)
            Worker(tidings, owner="evals.pages", stop=threading.Event()).drain()
            seconds = time.monotonic() - started
            feeds = tidings.store.feeds()
            rows, after = [], None
            while True:
                listed = tidings.store.quarantined(after=after, limit=500)
                rows += listed.rows
                after = listed.next_key
                if after is None:
                    break
            waiting = tidings.store.queue_depths()
    of_pages = [row for row in rows if row.feed_id in page_feeds]
    reasons = Counter(row.problem.code for row in of_pages)
    in_queue = sum(count for step, count in waiting.items() if step != "quarantined")
    entries = sum(feed.entry_count for feed in feeds if feed.id in page_feeds)
    figures = {
        "n": expected,
        "entries": entries,
        "articles_share": (entries - len(of_pages) - in_queue) / expected,
        "quarantined": len(of_pages),
        "reasons": dict(reasons.most_common()),
        "without_reason": sum(not row.problem.message for row in of_pages),
        "still_waiting": in_queue,
        "feed_files": len(feed_files),
        "feed_files_read": sum(f.problem is None for f in feeds if f.id not in page_feeds),
        "feed_files_entries": sum(f.entry_count for f in feeds if f.id not in page_feeds),
        "feed_files_quarantined": len(rows) - len(of_pages),
        "seconds": round(seconds, 1),
    }
    if not options.json:
        for row in of_pages:
            print(f"{row.problem.code:14} {row.url}: {row.problem.message}")
    print(json.dumps(figures))
    return 0


def sites_of(folder: Path) -> dict[str, Site]:
    """The sites by host name, each with its pages, a feed that links to them and an open robots.txt."""
    sites: dict[str, Site] = {}
    for listing in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(listing.read_text("utf-8").splitlines()):
            row = json.loads(line)
            host = (urlsplit(row["url"]).hostname or "unknown").lower().replace("_", "-")
            site = sites.setdefault(host, Site())
            path = f"/{listing.stem}/{number}.html"
            site.answers[path] = (gzip.decompress((folder / row["html"]).read_bytes()), "text/html")
            site.pages.append(path)
    for host, site in sites.items():
        entries = "".join(
            f"<item><title>Page {number}</title><link>{escape(path)}</link><guid>{escape(path)}</guid></item>"
            for number, path in enumerate(site.pages)
        )
        feed = f'<rss version="2.0"><channel><title>{escape(host)}</title><link>/</link>{entries}</channel></rss>'
        site.answers["/feed.xml"] = (feed.encode(), "application/rss+xml")
        site.answers["/robots.txt"] = (b"User-agent: *\nAllow: /\n", "text/plain")
    return sites


def _feed_files(folder: Path) -> list[Path]:
    """The feeds among feed-rs's files; beside each stands what feed-rs makes of it (.serde.json), which is no feed."""
    endings = {".xml", ".rss", ".atom", ".json", ".rdf"}
    return sorted(
        f
        for f in (folder / FEED_FILES).rglob("*")
        if f.is_file() and f.suffix in endings and not f.name.endswith(".serde.json")
    )


def _media_type(file: Path) -> str:
    return "application/feed+json" if file.suffix == ".json" else "application/xml"


@contextmanager
def served(sites: dict[str, Site]) -> Iterator[int]:
    """Serve the sites by host name on one loopback port for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = (self.headers.get("host") or "").rsplit(":", 1)[0].removesuffix(".localhost")
            body, media_type = sites[host].answers.get(self.path, (b"", "")) if host in sites else (b"", "")
            self.send_response(200 if media_type else 404)
            self.send_header("content-type", media_type or "text/plain")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep standard error for what goes wrong."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 256
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main())
