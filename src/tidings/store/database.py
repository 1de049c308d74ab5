"""Connections and transactions: the pool, what a lost connection means, and how Python's values travel."""

from __future__ import annotations

import random
import re
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import DictRow, dict_row
from psycopg.types.string import StrBinaryDumper, StrDumperUnknown
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from tidings.errors import StoreBusy, StoreError

Connection = psycopg.Connection[DictRow]
Row = DictRow
P = ParamSpec("P")
T = TypeVar("T")

POOL_WAIT_S = 5.0  # for a connection, before the database counts as busy
_TRIES = 5  # of a transaction that lost against another one
_CLASHES = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
EF_SEARCH = 120  # how far the index of vectors is searched at first; it goes on when more are asked for
_SURROGATES = re.compile("[\ud800-\udfff]")
_STATEMENT_MS = 60_000  # nothing the store asks takes that long; a page that does must not hold a connection


class Database:
    """A pool of connections.  It outlives restarts of the server: a connection is tried before it is handed out."""

    def __init__(self, dsn: str, *, pool_size: int = 8) -> None:
        self.dsn = dsn
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            dsn,
            min_size=1,
            max_size=pool_size,
            open=True,
            timeout=POOL_WAIT_S,
            max_idle=300.0,
            reconnect_timeout=2.0,
            kwargs={"row_factory": dict_row, "autocommit": True},
            configure=_configure,
            check=ConnectionPool.check_connection,
            name="tidings",
        )

    def close(self) -> None:
        self._pool.close(timeout=5.0)

    def run(
        self, act: Callable[Concatenate[Connection, P], T], /, *arguments: P.args, **options: P.kwargs
    ) -> T:
        """Return act(connection, …), run as one transaction; again when it lost against another one.

        Raises StoreBusy when the database cannot answer now, StoreError when it refuses what was asked.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                with answering(), self._pool.connection() as connection, connection.transaction():
                    return act(connection, *arguments, **options)
            except StoreBusy as busy:
                if not isinstance(busy.__cause__, _CLASHES) or attempt == _TRIES:
                    raise
            time.sleep(random.uniform(0.0, 0.02 * 2**attempt))
        raise AssertionError("unreachable")

    def ask(
        self, read: Callable[Concatenate[Connection, P], T], /, *arguments: P.args, **options: P.kwargs
    ) -> T:
        """Return read(connection, …) without a transaction around it: for one statement, or several that may differ.

        Saves two round trips of four.  Raises StoreBusy, StoreError as run does.
        """
        with answering(), self._pool.connection() as connection:
            return read(connection, *arguments, **options)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection of the pool for one long read, in a transaction that sees one moment."""
        with answering(), self._pool.connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    @contextmanager
    def own_connection(self) -> Iterator[Connection]:
        """A connection outside the pool, in autocommit, for what lasts: listening, holding a lock."""
        with (
            answering(),
            psycopg.connect(
                self.dsn, autocommit=True, row_factory=dict_row, connect_timeout=10
            ) as connection,
        ):
            yield connection


@contextmanager
def answering() -> Iterator[None]:
    """Turn the driver's errors into the store's: what a later try can mend is StoreBusy."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed) as exc:
        raise StoreBusy("database", "The database does not answer now.", detail=str(exc)) from exc
    except psycopg.Error as exc:
        raise StoreError("database", "The database refused a request.", detail=str(exc)) from exc


def _configure(connection: Connection) -> None:
    connection.adapters.register_dumper(str, _TextBinaryDumper)
    connection.adapters.register_dumper(str, _TextDumper)
    connection.adapters.register_dumper(np.ndarray, _VectorDumper)
    connection.execute(
        f"""
        SET statement_timeout = {_STATEMENT_MS}; SET timezone = 'UTC'; SET jit = off;
        SET hnsw.ef_search = {EF_SEARCH}; SET hnsw.iterative_scan = strict_order
        """
    )


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def storable(text: str) -> str:
    """Return text as PostgreSQL can keep it: without NUL, lone surrogates as U+FFFD."""
    return _SURROGATES.sub("\ufffd", text.replace("\0", ""))


class _TextDumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        try:
            return super().dump(obj)
        except (psycopg.DataError, UnicodeEncodeError):
            return super().dump(storable(obj))


class _TextBinaryDumper(StrBinaryDumper):
    def dump(self, obj: str) -> Buffer | None:
        if "\0" in obj:  # the binary form lets NUL through, and the server would refuse it
            obj = storable(obj)
        try:
            return super().dump(obj)
        except UnicodeEncodeError:
            return super().dump(storable(obj))


class _VectorDumper(Dumper):
    """A one-dimensional array as real[], which casts to vector (faster than text, and exact)."""

    format = Format.BINARY
    oid = 1021  # real[]

    def dump(self, obj: Any) -> Buffer | None:
        elements = np.empty(len(obj), dtype=[("length", ">i4"), ("value", ">f4")])
        elements["length"] = 4
        elements["value"] = obj
        return struct.pack(">iiiii", 1, 0, 700, len(obj), 1) + elements.tobytes()


def vector_of(sent: bytes) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return the array of vector_send()'s bytes."""
    return np.frombuffer(sent, dtype=">f4", offset=4).astype(np.float32)
