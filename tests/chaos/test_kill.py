"""kill -9 of the worker and of the database after every commit of the main path changes nothing in the end.

Each case follows the same part of the sample press with a worker that kills right after one commit, then lets another worker
go on ten minutes later by the clock; its rows must equal those of a run that nobody disturbed, and nothing may be left
running.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from sample.press import Press, load_press
from sample.server import Clock, Running, running
from tests.chaos.points import commit_points
from tests.conftest import folder
from tidings.app import opened
from tidings.config import load_settings
from tidings.model import FoundFeed
from tidings.store.server import EmbeddedServer

START = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
STORIES = {"saltmarket-fire", "north-dock-fire", "athletes-commission", "hale-transfer", "rate-rise"}
LATER_S = 600.0

# What a run leaves behind, without ids and times of its own.
ROWS = {
    "entries": "SELECT f.url, encode(e.guid_key, 'hex'), e.url, a.url FROM entries e JOIN feeds f ON f.id = e.feed_id "
    "LEFT JOIN articles a ON a.id = e.article_id",
    "articles": "SELECT url, revision, encode(text_digest, 'hex') FROM articles",
    "revisions": "SELECT a.url, r.revision, r.change FROM revisions r JOIN articles a ON a.id = r.article_id",
    "stories": "SELECT a.url, o.url FROM articles a JOIN articles o ON o.id = a.story_id",
    "copies": "SELECT a.url, o.url, a.agency FROM articles a JOIN articles o ON o.id = a.copy_of",
    "hashtags": "SELECT a.url, h.slug, h.words FROM article_hashtags h JOIN articles a ON a.id = h.article_id",
    # Without "read": second looks at young articles wait there, and which are due depends on when a run goes on.
    "waiting": "SELECT step, subject_id FROM work WHERE step <> 'read'",
    "quarantine": "SELECT step, problem ->> 'code' FROM quarantine",
}

BY_ARRIVAL = {"stories", "copies", "hashtags"}  # what depends on which article came first


@pytest.fixture(scope="module")
def press() -> Iterator[Running]:
    whole = load_press()
    part = Press(whole.publishers, {a.id: a for a in whole.articles.values() if a.story in STORIES})
    with running(part, start=START, clock=Clock(START)) as served:
        yield served


@pytest.fixture(scope="module")
def undisturbed(press: Running) -> dict[str, list[Any]]:
    with folder() as home:
        prepared(home, press)
        assert run(home, "none", "worker") == 0
        left = rows(home)
    assert len(left["articles"]) > 15
    return left


def test_the_commit_points_are_those_of_the_main_path() -> None:
    assert set(commit_points()) >= {"record_poll", "record_read", "record_descriptions", "apply"}


@pytest.mark.parametrize("victim", ["worker", "database"])
@pytest.mark.parametrize("point", commit_points())
def test_a_kill_after_a_commit_changes_nothing(
    point: str, victim: str, press: Running, undisturbed: dict[str, list[Any]], home: Path
) -> None:
    prepared(home, press)
    code = run(home, point, victim)
    if victim == "worker":
        assert code in (-9, 0), f"the worker ended with {code}"
    run(home, "none", "worker", later_s=LATER_S)
    after, expected = rows(home), undisturbed
    if victim == "database" and came_in_parts(home):
        # What the dying database did not take is asked for again later: those articles arrive after the others.
        after, expected = ({k: v for k, v in r.items() if k not in BY_ARRIVAL} for r in (after, expected))
    assert after == expected
    assert EmbeddedServer(home).pid() is None
    assert not left_running(home)


def prepared(home: Path, press: Running) -> None:
    """Make a data folder that follows the press and treats its hosts as the operator's own."""
    lines = [
        f'[own_hosts."{press.press.publishers[p].host}:{port}"]\nspacing_s = 0.0\n'
        for p, port in press.ports.items()
    ]
    home.mkdir(exist_ok=True)
    (home / "tidings.toml").write_text("".join(lines))
    with opened(load_settings({"TIDINGS_HOME": str(home)})) as tidings:
        for name, feed in press.feeds.items():
            if name not in ("lantern", "quarry"):
                tidings.follow(FoundFeed(url=feed))
    with connected(home) as connection:
        connection.execute("UPDATE feeds SET next_poll_at = %s", (START - timedelta(minutes=1),))


def run(home: Path, point: str, victim: str, *, later_s: float = 0.0) -> int:
    """Drain the queue in a process of its own that kills after its second commit at `point`; returns its exit status."""
    command = [
        sys.executable,
        "-m",
        "tests.chaos.mortal",
        str(home),
        START.isoformat(),
        str(later_s),
        point,
        "2",
        victim,
    ]
    return subprocess.run(
        command, cwd=Path(__file__).parents[2], env=dict(os.environ), timeout=300, check=False
    ).returncode


def rows(home: Path) -> dict[str, list[Any]]:
    with connected(home) as connection:
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in ROWS.items()}


def came_in_parts(home: Path) -> bool:
    """Whether some articles were read by the run that was disturbed, and others only by the next one."""
    with connected(home) as connection:
        found = connection.execute("SELECT count(DISTINCT last_changed_at) > 1 FROM articles").fetchone()
    return bool(found and found[0])


@contextmanager
def connected(home: Path) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a data folder's embedded database for a block."""
    with (
        EmbeddedServer(home).running() as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        yield connection


def left_running(home: Path) -> list[str]:
    """The command lines of processes that still name this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if str(home) in words and process.pid != os.getpid():
            found.append(words)
    return found
