"""`tidings up`: the database, the workers and the site in one process tree.

The supervisor holds TIDINGS_HOME/up.lock for its life, starts PostgreSQL unless a database is configured, brings the
schema up to date, and keeps its children running.  Each child reads a pipe whose other end only the supervisor holds: when
the supervisor is killed, the pipe closes and the children end; the last user of the embedded database stops it.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from tidings.app import database
from tidings.config import Settings
from tidings.errors import ConfigError, Conflict, TidingsError

log = structlog.get_logger("tidings.up")

STOP_S = 15.0  # how long children may take to end before they are killed
RESTART_S = 2.0  # the pause before a child that died is started again; doubled each time, up to a minute
HEALTHY_S = 120.0  # a child that lived this long is started again without delay
ANSWERS_S = 30.0  # how long the site may take to listen before readers are told to look for themselves


@dataclass(frozen=True, slots=True)
class Running:
    """Who holds a data folder: the supervisor's process id and the site's address."""

    pid: int
    site_url: str


@contextmanager
def home_lock(settings: Settings) -> Iterator[None]:
    """Hold the data folder for as long as the block runs.  Raises Conflict naming who holds it already."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.home / "up.lock"
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            other = running(settings)
            where = f"as process {other.pid} at {other.site_url}" if other else "in another process"
            raise Conflict(
                settings.home,
                f"Tidings is already up on {settings.home} {where}. "
                "Use it, stop it with Ctrl-C where it runs, or name another folder with TIDINGS_HOME.",
            ) from exc
        lock.seek(0)
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "site_url": settings.site_url}))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def running(settings: Settings) -> Running | None:
    """Return who is up on this data folder, None when nobody is."""
    path = settings.home / "up.lock"
    try:
        with path.open("r+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stated = json.loads(lock.read() or "{}")
                return Running(stated.get("pid", 0), stated.get("site_url", settings.site_url))
    except (OSError, ValueError):
        pass
    return None


@contextmanager
def up(
    settings: Settings, *, stop: threading.Event, ready: Callable[[str], None] = lambda url: None
) -> Iterator[None]:
    """Run everything; the block runs once the site listens, and the children end with it.  Raises Conflict, ConfigError."""
    with home_lock(settings), database(settings) as db:
        require_free(settings)
        children = _Children(settings)
        keeper = threading.Thread(target=children.keep, args=(stop, db.revive), name="keeper", daemon=True)
        try:
            if not stop.is_set():
                children.start()
                keeper.start()
                if wait_until_listening(settings, stop=stop):
                    ready(settings.site_url)
            yield
        finally:
            stop.set()
            if keeper.ident is not None:
                keeper.join()
            children.end()


def require_free(settings: Settings) -> None:
    """Return when the site can listen at its address.  Raises ConfigError otherwise."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        raise ConfigError(
            "port",
            f"The site cannot listen on {settings.host}, port {settings.port}: {exc.strerror or exc}. "
            "Choose others with --port and --host, or in tidings.toml.",
        ) from exc


def wait_until_listening(settings: Settings, *, stop: threading.Event) -> bool:
    """Return True once the site takes connections, or after ANSWERS_S seconds anyway; False when stopped before."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    deadline = time.monotonic() + ANSWERS_S
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((host, settings.port), timeout=1.0):
            return True
        if stop.wait(0.1):
            return False
    return True


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGINT and SIGTERM set `stop`; a second one ends the process at once."""

    def on_signal(number: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)


def end_with_parent(on_end: Callable[[], None]) -> None:
    """Call on_end when standard input closes: a child's way to see that its supervisor is gone, however it went."""

    def watch() -> None:
        while os.read(0, 1):  # not sys.stdin: its lock would be held when the interpreter ends
            pass
        on_end()

    threading.Thread(target=watch, name="parent", daemon=True).start()


class _Children:
    """The child processes: one site, `settings.workers` workers."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, "TIDINGS_HOME": str(settings.home)}
        self._commands = {"serve": ["serve"]} | {
            f"worker-{n}": ["worker"] for n in range(1, settings.workers + 1)
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._pause_s = dict.fromkeys(self._commands, RESTART_S)
        self._started_at: dict[str, float] = {}
        self._due_at: dict[str, float] = {}  # when a child that died is started again

    def start(self) -> None:
        for name in self._commands:
            self._spawn(name)

    def keep(self, stop: threading.Event, revive_database: Callable[[], None]) -> None:
        """Start again what died, with growing pauses, until stopped."""
        while not stop.wait(0.5):
            try:
                revive_database()
            except TidingsError as error:
                log.error("the database does not start", detail=error.detail or error.public_message)
                continue  # children could do nothing without it
            for name, process in self._processes.items():
                if process.poll() is not None:
                    try:
                        self._restart(name, code=process.returncode)
                    except OSError as error:
                        log.error("a process does not start", process=name, detail=str(error))

    def _restart(self, name: str, *, code: int) -> None:
        """Start a dead child again once its pause is over."""
        now = time.monotonic()
        if name not in self._due_at:
            if now - self._started_at[name] > HEALTHY_S:
                self._pause_s[name] = RESTART_S
            log.error("a process ended; starting it again", process=name, code=code)
            self._due_at[name] = now + self._pause_s[name]
            self._pause_s[name] = min(self._pause_s[name] * 2, 60.0)
        elif now >= self._due_at[name]:
            self._spawn(name)
            del self._due_at[name]

    def end(self) -> None:
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + STOP_S
        for name, process in self._processes.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("killing a process that did not stop", process=name)
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()

    def _spawn(self, name: str) -> None:
        self._started_at[name] = time.monotonic()
        before = self._processes.get(name)
        if before and before.stdin:
            before.stdin.close()
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", "tidings", *self._commands[name], "--child"],
            stdin=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C goes to the supervisor alone, which stops them in order
        )
