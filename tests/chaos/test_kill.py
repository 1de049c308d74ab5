"""kill -9 of the worker and of the database after every commit of the main path changes nothing in the end.

Each case follows the same part of the sample press with a worker that kills right after one commit, then lets another worker
go on ten minutes later by the clock; its rows must equal those of a run that nobody disturbed, and nothing may be left
running.
"""

import json
import multiprocessing
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from sample.press import Press, load_press
from sample.server import Clock, Running, running
from tests.chaos.mortal import CALLS, KILLED, work
from tests.chaos.points import commit_points, reads
from tests.conftest import folder
from tidings.app import opened
from tidings.config import load_settings
from tidings.model import FoundFeed
from tidings.store.server import EmbeddedServer

START = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
STORIES = {"saltmarket-fire", "north-dock-fire", "athletes-commission", "hale-transfer", "rate-rise"}
LATER = timedelta(minutes=10)
PATIENCE_S = 300.0

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
def followed(press: Running) -> Iterator[Path]:
    """A data folder that follows the press and treats its hosts as the operator's own, for copying."""
    lines = [
        f'[own_hosts."{press.press.publishers[p].host}:{port}"]\nspacing_s = 0.0\n'
        for p, port in press.ports.items()
    ]
    with folder() as place:
        home = place / "followed"
        home.mkdir()
        (home / "tidings.toml").write_text("".join(lines))
        with opened(load_settings({"TIDINGS_HOME": str(home)})) as tidings:
            for name, feed in press.feeds.items():
                if name not in ("lantern", "quarry"):
                    tidings.follow(FoundFeed(url=feed))
        with connected(home) as connection:
            connection.execute("UPDATE feeds SET next_poll_at = %s", (START - timedelta(minutes=1),))
        yield home


@dataclass(frozen=True)
class Left:
    """What a run leaves: its rows, and how often it called each method of the store."""

    rows: dict[str, list[Any]]
    calls: dict[str, int]


@pytest.fixture(scope="module")
def undisturbed(followed: Path) -> Left:
    with folder() as place:
        home = copied(followed, place / "home")
        assert run(home, START) == 0
        left = Left(rows(home), json.loads((home / CALLS).read_text()))
    assert len(left.rows["articles"]) > 15
    return left


def test_the_commit_points_are_those_of_the_main_path() -> None:
    assert set(commit_points()) >= {"record_poll", "record_read", "record_descriptions", "apply"}
    writing = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|nextval)\b")
    assert len(reads()) > 5
    assert {name for name, source in reads().items() if writing.search(source)} == set()


@pytest.mark.parametrize("victim", ["worker", "database"])
@pytest.mark.parametrize("point", commit_points())
def test_a_kill_after_a_commit_changes_nothing(
    point: str, victim: str, followed: Path, undisturbed: Left, home: Path
) -> None:
    calls = undisturbed.calls.get(point, 0)
    if not calls:
        pytest.skip(f"nothing of this press comes to {point}")
    copied(followed, home)
    code = run(home, START, point, count=min(2, calls), victim=victim)
    assert (home / KILLED).exists()
    if (
        victim == "worker"
    ):  # one whose database died may not find it again in time, and leaves the rest to the next
        assert code == -9
    run(home, START + LATER)
    after, expected = rows(home), undisturbed.rows
    if victim == "database" and came_in_parts(home):
        # What the dying database did not take is asked for again later: those articles arrive after the others.
        after, expected = ({k: v for k, v in r.items() if k not in BY_ARRIVAL} for r in (after, expected))
    assert after == expected
    assert EmbeddedServer(home).pid() is None
    assert not left_running(home)


def copied(followed: Path, home: Path) -> Path:
    subprocess.run(["cp", "-a", followed, home], check=True)  # with its owner, who is the database's user
    return home


def run(home: Path, now: datetime, point: str = "none", *, count: int = 0, victim: str = "worker") -> int:
    """Drain the queue in a process of its own that kills after its count-th commit at `point`; returns its exit status."""
    workers = multiprocessing.get_context("forkserver")
    workers.set_forkserver_preload(["tests.chaos.nursery"])
    process = workers.Process(target=work, args=(home, now, point, count, victim))
    process.start()
    process.join(PATIENCE_S)
    assert process.exitcode is not None, "the worker did not end"
    return process.exitcode


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
