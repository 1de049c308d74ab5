"""Every bench in one run: `python -m bench ../shared/data`, or some: `python -m bench ../shared/data --only refresh`.

Prints a table for people and one JSON object, last.  Ratios are between things measured side by side in the same run on the
same machine; the absolute figures are good for that machine and that day only.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import assistant, extraction, latency, pages, refresh, search_cost, startup, stories, throughput

BENCHES = {
    "throughput": throughput.measure,
    "extraction": extraction.measure,
    "stories": stories.measure,
    "pages": pages.measure,
    "refresh": refresh.measure,
    "latency": latency.measure,
    "search": search_cost.measure,
    "assistant": assistant.measure,
    "startup": startup.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder of real data, ../shared/data")
    parser.add_argument("--only", action="append", choices=sorted(BENCHES), help="run only these")
    options = parser.parse_args()
    console = Console()
    figures: dict[str, dict[str, float]] = {}
    for name, measure in BENCHES.items():
        if options.only and name not in options.only:
            continue
        started = time.monotonic()
        figures[name] = measure(options.data)
        table = Table("figure", "value", title=f"{name} ({time.monotonic() - started:.0f} s)")
        for key, value in figures[name].items():
            table.add_row(key, f"{value:,.2f}")
        console.print(table)
    print(json.dumps({"machine": machine(), **figures}))
    return 0


def machine() -> str:
    """Return this machine in words: date, cores, Python."""
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
