"""A page's ```console blocks as commands, and a shell that runs them one after another as a reader would.

In a block, `$ ` begins a command, `> ` goes on with it, and every other line is what it prints, "…" standing for anything.
"""

from __future__ import annotations

import queue
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

END = "__end_of_command__"


@dataclass(frozen=True, slots=True)
class Command:
    """One command with the lines it should print among others, in this order."""

    text: str
    expected: tuple[str, ...]


def commands_in(page: str) -> list[Command]:
    """Return the commands of a page's console blocks, from top to bottom."""
    commands: list[Command] = []
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append(Command(line[2:], ()))
            elif line == ">" or line.startswith("> "):
                last = commands.pop()
                commands.append(Command(f"{last.text}\n{line[2:]}", last.expected))
            else:
                last = commands.pop()
                commands.append(Command(last.text, (*last.expected, line)))
    return commands


def missing_line(expected: tuple[str, ...], printed: str) -> str | None:
    """Return the first expected line that the output does not have after the ones before it, None when all are there."""
    lines = iter(printed.splitlines())
    for wanted in expected:
        pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
        if wanted != "…" and not any(re.fullmatch(pattern, line.rstrip(), re.I) for line in lines):
            return wanted
    return None


class Shell:
    """One bash for a whole page, so that variables and background jobs last; end() leaves nothing running."""

    def __init__(self, *, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def run(self, command: str, *, seconds: float) -> tuple[int, str]:
        """Return a command's status and what it printed.  Raises TimeoutError with what it printed so far."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{{\n{command}\n}} </dev/null\necho {END} $?\n")
        self._process.stdin.flush()
        printed: list[str] = []
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(
                    f"{command!r} took longer than {seconds:.0f} s: {''.join(printed)}"
                ) from None
            before, mark, status = line.partition(END)
            printed.append(before)
            if mark:
                return int(status), "".join(printed)

    def end(self) -> None:
        """Stop the jobs that are still there, then the shell."""
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.write("jobs -p | xargs -r kill; wait; exit\n")
            self._process.stdin.close()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
