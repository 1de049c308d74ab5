"""How long `tidings up` takes to serve its first page, and how much memory it then holds."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil


def measure(data: Path) -> dict[str, float]:
    """Return seconds to the first page on a new and on an existing data folder, and resident MiB of the process tree."""
    del data
    with tempfile.TemporaryDirectory(prefix="tidings-bench-") as folder:
        first_s, _ = start(folder)
        again_s, memory = start(folder)
    return {"first_start_s": first_s, "second_start_s": again_s, **memory}


def start(home: str) -> tuple[float, dict[str, float]]:
    """Start an instance, wait for its front page, weigh it, stop it."""
    port = 8690
    environment = {**os.environ, "TIDINGS_HOME": home, "TIDINGS_PORT": str(port)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "tidings", "up"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as reply:
                    reply.read()
                    break
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None or time.perf_counter() - started > 60:
                    raise RuntimeError("tidings up did not serve a page") from None
                time.sleep(0.02)
        seconds = time.perf_counter() - started
        time.sleep(3)
        tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        memory: dict[str, float] = {}
        for one in tree:
            words = " ".join(one.cmdline())
            kind = (
                "postgres"
                if "postgres" in words
                else "site"
                if " serve" in words
                else "worker"
                if " worker" in words
                else "supervisor"
            )
            full = one.memory_full_info()
            memory[f"{kind}_mib"] = memory.get(f"{kind}_mib", 0.0) + full.pss / 2**20
        memory["whole_mib"] = sum(memory.values())
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    return seconds, memory
