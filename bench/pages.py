"""From fetch to article: the real pages of the evals on loopback sites, read by two worker processes, pages a second.

The sites answer from the measuring process; the feeds were polled before the clock starts, and nothing but the read step
(fetch, extract, one transaction) runs while it does.  It is measured twice: with hosts whose robots.txt is known, as it is
all day after the first page, and with hosts that are new, where nearly every page here asks for one as well.
"""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from evals.pages import Site, served, sites_of
from tidings.app import OwnHost, Tidings, open_scratch, opened
from tidings.config import load_settings
from tidings.errors import FetchError
from tidings.model import FoundFeed
from tidings.worker import Worker

PROCESSES = 2  # `tidings up` with workers = 2, one a core


def measure(data: Path) -> dict[str, float]:
    """Return the pages read a second by two processes, and how many became articles."""
    sites = sites_of(data / "extraction")
    known = read_all(sites, hosts_known=True)
    new = read_all(sites, hosts_known=False)
    return {**known, "processes": PROCESSES, "new_hosts_pages_per_s": new["pages_per_s"]}


def read_all(sites: dict[str, Site], *, hosts_known: bool) -> dict[str, float]:
    """Follow every site with a fresh instance and read all of its pages."""
    with served(sites) as port:
        own = {f"{host}.localhost:{port}": OwnHost() for host in sites}
        with open_scratch(own_hosts=own) as tidings:
            for host in sites:
                tidings.follow(FoundFeed(url=f"http://{host}.localhost:{port}/feed.xml"))
            Worker(tidings, owner="bench", stop=threading.Event()).drain(steps=["poll"])
            keep_settings(tidings)
            if hosts_known:
                with ThreadPoolExecutor(16) as pool:
                    list(pool.map(partial(visit_front, tidings), own))
            pages = tidings.store.queue_depths()["read"]
            seconds = read_by_processes(tidings.settings.home)
            articles = tidings.store.counts()["articles"]
            if tidings.store.queue_depths()["read"]:
                raise RuntimeError("some pages were not read")
    return {"pages": pages, "articles": articles, "pages_per_s": pages / seconds}


def visit_front(tidings: Tidings, host: str) -> None:
    """Ask a host for its front page, which brings its robots.txt; there is no front page."""
    with suppress(FetchError):
        tidings.fetcher.get(f"http://{host}/", purpose="page")


def keep_settings(tidings: Tidings) -> None:
    """Write what the readers need to know into the data folder."""
    lines = [f'[own_hosts."{name}"]\nspacing_s = 0.0\n' for name in tidings.settings.own_hosts]
    (tidings.settings.home / "tidings.toml").write_text("".join(lines), "utf-8")


def read_by_processes(home: Path) -> float:
    """Return the seconds from the moment that every process is ready to the end of the last one."""
    command = [sys.executable, "-m", "bench.pages"]
    environment = {**os.environ, "TIDINGS_HOME": str(home)}
    readers = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.readline()
    started = time.perf_counter()
    for reader in readers:
        assert reader.stdin is not None
        reader.stdin.write(b"go\n")
        reader.stdin.flush()
    for reader in readers:
        if reader.wait():
            raise RuntimeError("a reader failed")
    return time.perf_counter() - started


def main() -> None:
    with opened(load_settings()) as tidings:
        worker = Worker(tidings, owner=f"bench-{os.getpid()}", stop=threading.Event())
        print("ready", flush=True)
        sys.stdin.readline()
        worker.drain(steps=["read"])


if __name__ == "__main__":
    main()
