"""`make demo`: the fictional press and a Tidings that follows it, in one command, until Ctrl-C.

The press is served on loopback under its own host names; a fresh data folder gets a tidings.toml that names those hosts as the
operator's own (loopback addresses allowed, short spacing, polled every half minute), a password, and the feeds.  From there
on it is the ordinary `tidings up`: nothing here takes a way of its own to a page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from sample.press import Press, load_press
from sample.server import FIRST_PORT, Running, running
from tidings.app import opened
from tidings.cli import configure_logs
from tidings.config import Settings, load_settings
from tidings.errors import TidingsError
from tidings.model import FoundFeed
from tidings.supervise import running as running_instance
from tidings.supervise import stop_on_signals, up
from tidings.worker import STEPS

PASSWORD = "sample-press"  # on loopback, over fiction; a real instance asks for one at first run
READING_S = 180.0  # a slow machine reads on while one looks
MARK = ".demonstration"  # a folder with this file is ours to empty at the next start
console = Console()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="Tidings on a fictional press.")
    parser.add_argument("--port", type=int, default=8600, help="where the site listens (default 8600)")
    parser.add_argument(
        "--base-port", type=int, default=FIRST_PORT, help=f"the press's first port (default {FIRST_PORT})"
    )
    options = parser.parse_args()
    home = (Path(os.environ.get("TIDINGS_HOME") or ".") / ".demo").absolute()
    os.environ["TIDINGS_HOME"] = str(home)
    os.environ["TIDINGS_PORT"] = str(options.port)
    stop = threading.Event()
    stop_on_signals(stop)
    press = load_press()
    try:
        other = running_instance(Settings(home=home))
        if other:
            console.print(f"The demonstration already runs as process {other.pid} at {other.site_url}.")
            return 1
        empty(home)
        with running(press, start=datetime.now(UTC), base_port=options.base_port) as served:
            (home / "tidings.toml").write_text(own_hosts_toml(served.ports, press), "utf-8")
            show(load_settings(), press, served, stop)
    except OSError as error:
        console.print(f"{error.strerror or error}. Move the press with: make demo ARGS='--base-port 9701'")
        return 1
    except TidingsError as error:
        console.print(error.public_message)
        return 1
    console.print("The demonstration has stopped.")
    return 0


def show(settings: Settings, press: Press, served: Running, stop: threading.Event) -> None:
    """Run everything until stopped: follow the feeds, watch them become stories, say where to read."""
    configure_logs(settings)
    with up(settings, stop=stop), opened(settings) as tidings:
        tidings.set_password(PASSWORD)
        for feed in served.feeds.values():
            tidings.follow(FoundFeed(url=feed))
        console.print(
            f"\nThe sample press is fiction: {len(press.publishers)} publishers, {len(press.articles)} articles, "
            "some of them still to come."
        )
        expected = sum(article.published.total_seconds() <= 0 for article in press.articles.values())
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("Reading the press", total=expected)
            deadline = time.monotonic() + READING_S
            while time.monotonic() < deadline and not stop.wait(0.5):
                placed = tidings.store.counts()["placed"]
                progress.update(task, completed=min(placed, expected))
                waiting = tidings.store.queue_depths()
                if placed and not any(waiting[step] for step in STEPS):
                    break
        if stop.is_set():
            return
        counts = tidings.store.counts()
        console.print(
            f"\n  Read   [bold]{settings.site_url}/[/]   {counts['articles']} articles in {counts['stories']} stories\n"
            f"  Log in [bold]{settings.site_url}/login[/]   password: [bold]{PASSWORD}[/]\n\n"
            "New articles and changes arrive over the next ten minutes. Ctrl-C stops everything.",
            highlight=False,
        )
        stop.wait()


def empty(home: Path) -> None:
    """Make the folder new: its dates belong to the last start.  Only a folder that carries our mark is emptied."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise FileExistsError(
            0, f"{home} is not a demonstration's folder, so it is left alone; set TIDINGS_HOME elsewhere"
        )
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    (home / MARK).touch()


def own_hosts_toml(ports: Mapping[str, int], press: Press) -> str:
    """The settings by which the press's hosts, and only those, are the operator's own."""
    lines = [
        "# Written by the demonstration: the sample press runs on this machine.",
        'contact = "https://tidings.example/demonstration"',
        'log_level = "warning"',
    ]
    for publisher in press.publishers.values():
        name = f"{publisher.host}:{ports[publisher.id]}"
        lines.append(f'[own_hosts."{name}"]\nspacing_s = 0.0\nmin_interval_s = 30')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
