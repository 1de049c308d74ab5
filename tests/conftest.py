"""What every kind of test may use: one embedded server for the whole run, and databases on it in milliseconds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tidings.store.migrate import migrate
from tidings.store.postgres import PostgresStore
from tidings.store.server import EmbeddedServer

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A running server; its first database, migrated and empty, is the template of the others."""
    embedded = EmbeddedServer(tmp_path_factory.mktemp("server"))
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
def home(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "home"
