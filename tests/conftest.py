"""What every kind of test may use: one embedded server for the whole run, and databases on it in milliseconds."""

from __future__ import annotations

import itertools
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tidings.store.migrate import migrate
from tidings.store.postgres import PostgresStore
from tidings.store.server import EmbeddedServer

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A running server; its first database, migrated and empty, is the template of the others."""
    with folder() as place:
        embedded = EmbeddedServer(place)
        with embedded.running() as dsn:
            migrate(dsn)
            yield embedded


@pytest.fixture(scope="module")
def dsn(server: EmbeddedServer) -> Iterator[str]:
    """The address of a database of this module's own, its schema current."""
    name = f"test_{next(_numbers)}"
    admin = server.dsn.replace("/tidings?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE tidings STRATEGY wal_log")
    yield server.dsn.replace("/tidings?", f"/{name}?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def _module_store(dsn: str) -> Iterator[PostgresStore]:
    store = PostgresStore(dsn)
    yield store
    store.close()


@pytest.fixture
def store(_module_store: PostgresStore, dsn: str) -> PostgresStore:
    """An empty store."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchone()
        assert tables is not None
        connection.execute(f"TRUNCATE {tables[0]} RESTART IDENTITY CASCADE")
        connection.execute("INSERT INTO group_epoch (epoch, owner) VALUES (0, '')")
    return _module_store


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that does not exist yet."""
    with folder() as place:
        yield place / "home"


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for a block, one that the database's user may enter."""
    # Not below pytest's own: each run of pytest shuts that to other users, and as root the server runs as one.
    with tempfile.TemporaryDirectory(prefix="tidings-test-", ignore_cleanup_errors=True) as place:
        yield Path(place)


def free_row(length: int) -> int:
    """Return the first of so many free ports in a row on loopback, below those that the system hands out by itself.

    Nobody else is given one of these once it is free again, so nobody's late request comes there, and nobody answers there.
    """
    while True:
        first = random.randrange(20_000, 32_000)
        with suppress(OSError), ExitStack() as stack:
            for port in range(first, first + length):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
