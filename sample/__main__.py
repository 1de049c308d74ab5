"""`python -m sample`: serve the fictional press on loopback until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from sample.press import PRESS_FOLDER, PressError, load_press
from sample.server import FIRST_PORT, running


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sample", description=__doc__)
    parser.add_argument("--start", type=_moment, help="when the ten days end, ISO 8601 (default: now)")
    parser.add_argument(
        "--base-port", type=int, default=FIRST_PORT, help=f"first port (default {FIRST_PORT})"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--press", type=Path, default=PRESS_FOLDER, help="folder of the articles")
    asked = parser.parse_args()
    try:
        press = load_press(asked.press)
    except PressError as exc:
        print(exc, file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    start = asked.start or datetime.now(UTC)
    try:
        with running(press, start=start, base_port=asked.base_port, host=asked.host) as served:
            print(
                f"The sample press (fiction) since {start.isoformat(timespec='seconds')}: {len(press.articles)} articles"
            )
            for publisher in press.publishers.values():
                print(f"  {publisher.name:<22} {served.addresses[publisher.id]}/  feed {publisher.feed_path}")
            print("Ctrl-C stops it.", flush=True)
            stop.wait()
    except OSError as exc:
        print(f"{exc.strerror}; is the press already running? --base-port moves it.", file=sys.stderr)
        return 1
    return 0


def _moment(words: str) -> datetime:
    moment = datetime.fromisoformat(words)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
