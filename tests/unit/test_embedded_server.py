import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tidings.errors import ConfigError, SchemaTooNew, SchemaTooOld, StoreBusy
from tidings.store.migrate import (
    SchemaState,
    _upgrade,
    known_revisions,
    migrate,
    require_current,
    schema_state,
)
from tidings.store.server import EmbeddedServer

STARTER = """
import sys
from pathlib import Path
from tidings.store.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
print(server.pid(), flush=True)
sys.stdin.read()
server.stop()
"""


def start_elsewhere(home: Path) -> tuple[subprocess.Popen[str], int]:
    """Start the server from another process; returns that process and the server's id."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def answer(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT 42").fetchone()
    return row and row[0]


def test_a_server_under_a_long_path_answers_and_leaves_nothing_behind(home: Path) -> None:
    home = home / ("long" * 20) / "with space & ümlaut" / ("deep" * 20)
    server = EmbeddedServer(home)
    with server.running() as dsn:
        assert answer(dsn) == 42
        pid = server.pid()
        assert pid
        assert server.socket_folder.stat().st_mode & 0o777 == 0o700
        assert len(str(server.socket_folder / ".s.PGSQL.5432.lock")) <= 107
    assert server.pid() is None
    assert not server.socket_folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with server.running() as dsn:
        assert answer(dsn) == 42
    server.stop()


def test_the_last_of_several_users_stops_the_server(home: Path) -> None:
    server = EmbeddedServer(home)
    server.start()
    other, pid = start_elsewhere(home)
    assert pid == server.pid()
    server.stop()
    server.stop()
    assert answer(server.dsn) == 42
    other.communicate("")
    assert server.pid() is None
    assert not server.socket_folder.exists()


def test_a_server_left_by_a_killed_process_is_taken_over_and_stopped(home: Path) -> None:
    killed, pid = start_elsewhere(home)
    killed.kill()
    killed.communicate()
    server = EmbeddedServer(home)
    assert server.pid() == pid
    with server.running() as dsn:
        assert server.pid() == pid
        assert answer(dsn) == 42
    assert server.pid() is None


def test_a_killed_server_is_started_again_with_what_it_had_committed(home: Path) -> None:
    server = EmbeddedServer(home)
    with server.running() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        for _ in range(2):
            pid = server.pid()
            assert pid
            os.kill(pid, signal.SIGKILL)
            while server.pid() == pid:  # dying takes a moment
                time.sleep(0.01)
            server.start()
            assert server.pid() not in (None, pid)
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    assert server.pid() is None


def test_a_stale_pid_file_that_names_another_process_is_no_hindrance(home: Path) -> None:
    server = EmbeddedServer(home)
    with server.running():
        left = (server.folder / "postmaster.pid").read_text().split("\n", 1)[1]
    (server.folder / "postmaster.pid").write_text(f"{os.getpid()}\n{left}")
    with server.running() as dsn:
        assert answer(dsn) == 42


def test_an_initdb_that_was_cut_short_is_made_again(home: Path) -> None:
    (home / "postgres" / "base").mkdir(parents=True)
    with EmbeddedServer(home).running() as dsn:
        assert answer(dsn) == 42


def test_a_socket_folder_of_somebody_else_is_refused(home: Path, tmp_path: Path) -> None:
    server = EmbeddedServer(home)
    (tmp_path / "trap").mkdir()
    server.socket_folder.symlink_to(tmp_path / "trap")
    try:
        with pytest.raises(ConfigError, match="belongs to somebody else"):
            server.start()
    finally:
        server.socket_folder.unlink()
    with server.running() as dsn:
        assert answer(dsn) == 42


def test_a_database_of_another_version_is_refused_with_the_remedy(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ConfigError, match="made by PostgreSQL 12"):
        EmbeddedServer(home).start()


def test_many_may_migrate_at_once(home: Path) -> None:
    newest = known_revisions()[-1]
    with EmbeddedServer(home).running() as dsn:
        assert schema_state(dsn) == SchemaState(None, newest, "empty")
        with pytest.raises(SchemaTooOld, match="tidings up"):
            require_current(dsn)
        threads = [threading.Thread(target=migrate, args=(dsn,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert schema_state(dsn) == SchemaState(newest, newest, "current")
        require_current(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
        for act in (migrate, require_current):
            with pytest.raises(SchemaTooNew, match="r9999"):
                act(dsn)


def test_an_old_schema_is_brought_up_to_date_with_what_it_holds(home: Path) -> None:
    with EmbeddedServer(home).running() as dsn:
        _upgrade(dsn, "r0001")
        assert schema_state(dsn).state == "old"
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                """
                INSERT INTO publishers (id, site, name) VALUES (1, 'a', 'A');
                INSERT INTO articles (id, publisher_id, url, url_key, headline, made_by, text_digest, first_seen_at, last_changed_at)
                SELECT n, 1, n::text, n::text::bytea, 'h', 'e', 'd', now(), now() FROM generate_series(1, 3) n;
                INSERT INTO hashtags (slug, label) VALUES ('t', 'T'), ('u', 'U');
                INSERT INTO article_hashtags SELECT n, 't', 'w', 0.5, now() FROM generate_series(1, 3) n;
                INSERT INTO feeds (id, publisher_id, url, url_key, interval_s, next_poll_at, created_at)
                SELECT n, 1, n::text, n::text::bytea, 3600, now(), now() FROM generate_series(1, 4) n;
                UPDATE feeds f SET status = 'duplicate', duplicate_of = d.of
                FROM (VALUES (1, 2), (2, 1), (4, 3)) d (id, of) WHERE f.id = d.id;
                """
            )
            migrate(dsn)
            count = "SELECT slug, article_count FROM hashtags ORDER BY slug"
            assert connection.execute(count).fetchall() == [("t", 3), ("u", 0)]
            connection.execute("DELETE FROM articles WHERE id = 1")
            connection.execute("INSERT INTO article_hashtags VALUES (2, 'u', 'w', 0.5, now())")
            assert connection.execute(count).fetchall() == [("t", 2), ("u", 1)]
            # What only repeated each other is visited again; what repeats a feed that is visited is not.
            feeds = connection.execute("SELECT id, status, duplicate_of FROM feeds ORDER BY id").fetchall()
            assert [row[1:] for row in feeds] == [("active", None)] * 3 + [("duplicate", 3)]


def test_a_database_that_does_not_answer_is_busy() -> None:
    with pytest.raises(StoreBusy):
        schema_state("postgresql://nobody@/none?host=/nonexistent")


def test_capitals_beyond_ascii_have_small_letters(home: Path) -> None:
    with EmbeddedServer(home).running() as dsn, psycopg.connect(dsn) as connection:
        asked = connection.execute("SELECT lower('ÖSTERREICH Ελλάδα')").fetchone()
        assert asked == ("österreich ελλάδα",)
