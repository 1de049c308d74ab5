"""`tidings up` as processes: who holds a folder, what starts again, and that nothing is left at the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tidings.config import Settings, load_settings
from tidings.errors import ConfigError, Conflict
from tidings.store.server import EmbeddedServer
from tidings.supervise import home_lock, require_free, running

READY_S = 60.0
STOP_S = 25.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_until(is_so: Callable[[], object], *, patience_s: float = READY_S) -> None:
    deadline = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


def tidings(home: Path, *words: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    """Run one command on a data folder to its end."""
    return subprocess.run(
        [sys.executable, "-m", "tidings", *words],
        env=environment(home, port),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def environment(home: Path, port: int) -> dict[str, str]:
    return {**os.environ, "TIDINGS_HOME": str(home), "TIDINGS_PORT": str(port or 8600), "COLUMNS": "200"}


class Up:
    """A running `tidings up`."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tidings", "up"],
            env=environment(home, port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, "".join(self.said)
        return any("Tidings is up" in line for line in self.said)

    def children(self, command: str) -> list[psutil.Process]:
        """The child processes that run a command; one that has just died is none."""
        found = []
        for one in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if command in one.cmdline()[3:4]:
                    found.append(one)
        return found

    def child(self, command: str) -> psutil.Process:
        (found,) = self.children(command)
        return found

    def left(self) -> list[str]:
        """Processes that still name the data folder, here or in their environment."""
        found = []
        for process in psutil.process_iter():
            try:
                words = [*process.cmdline(), process.environ().get("TIDINGS_HOME", "")]
            except psutil.Error:
                continue
            if any(str(self.home) in word for word in words) and process.pid != os.getpid():
                found.append(f"{process.pid}: {words}")
        return found


@contextmanager
def up(home: Path) -> Iterator[Up]:
    started = Up(home, free_port())
    try:
        wait_until(started.is_ready)
        yield started
    finally:
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGTERM)
            try:
                started.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                started.process.kill()
                raise


# ── who holds a folder ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_held_once_and_free_again_afterwards(home: Path) -> None:
    settings = Settings(home=home, port=8612)
    assert running(settings) is None
    with home_lock(settings):
        found = running(settings)
        assert found is not None
        assert (found.pid, found.site_url) == (os.getpid(), "http://127.0.0.1:8612")
        with pytest.raises(Conflict) as refusal, home_lock(settings):
            pass
        assert f"as process {os.getpid()} at http://127.0.0.1:8612" in refusal.value.public_message
    assert running(settings) is None
    with home_lock(settings):
        pass


def test_a_taken_port_is_refused_by_name(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError) as refusal:
            require_free(Settings(home=home, port=port))
    assert str(port) in refusal.value.public_message
    assert "--port" in refusal.value.public_message
    require_free(Settings(home=home, port=port))


# ── the whole of it ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_up_answers_takes_orders_restarts_what_dies_and_leaves_nothing(home: Path) -> None:
    with up(home) as running_up:
        with socket.create_connection(("127.0.0.1", running_up.port), timeout=5):
            pass
        assert load_settings({"TIDINGS_HOME": str(home)}).home == home

        again = tidings(home, "up")
        assert again.returncode == 1
        assert f"already up on {home} as process {running_up.process.pid}" in again.stderr
        assert "Traceback" not in again.stderr

        listed = tidings(home, "feeds")  # a command beside it uses the same database, and leaves it running
        assert (listed.returncode, listed.stderr) == (0, "")
        assert EmbeddedServer(home).pid() is not None

        busy = [running_up.child("worker"), running_up.child("serve")]
        for process in busy:
            process.cpu_percent()
        time.sleep(4.0)
        # Two idle processes together: about one hundredth of a core each, measured on two busy cores.
        assert sum(process.cpu_percent() for process in busy) < 12.0

        dead = running_up.child("worker").pid
        os.kill(dead, signal.SIGKILL)
        wait_until(
            lambda: any(one.pid != dead for one in running_up.children("worker")),
            patience_s=20,
        )

        running_up.process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        assert running_up.process.wait(STOP_S) == 0
        assert time.monotonic() - begun < 12.0
        assert running_up.left() == []
    assert EmbeddedServer(home).pid() is None


def test_a_killed_supervisor_takes_everything_with_it(home: Path) -> None:
    with up(home) as running_up:
        os.kill(running_up.process.pid, signal.SIGKILL)
        running_up.process.wait(5)
        wait_until(lambda: not running_up.left(), patience_s=STOP_S)
    assert running(Settings(home=home)) is None


def test_a_stop_during_the_start_is_heard(home: Path) -> None:
    started = Up(home, free_port())
    wait_until(lambda: (home / "up.lock").exists())
    time.sleep(0.3)  # the first database is being made
    started.process.send_signal(signal.SIGTERM)
    assert started.process.wait(STOP_S) == 0
    assert started.left() == []
