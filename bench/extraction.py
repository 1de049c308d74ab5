"""Page to article on one core beside plain trafilatura, fast and with precision preferred: pages a second of each, one run.

The three take turns page by page, so that a busy moment of the machine is everybody's; the time is this process's own.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from evals.articles import rows_of
from evals.baselines import trafilatura_body
from evals.extraction import read_page

PAGES = 150


def measure(data: Path) -> dict[str, float]:
    """Return the pages a second of each, and what share of trafilatura's pace ours is."""
    rows = list(rows_of(data / "extraction" / "trafilatura.jsonl"))[:PAGES]
    pages = [(gzip.decompress((data / "extraction" / row["html"]).read_bytes()), row["url"]) for row in rows]
    readers: dict[str, Callable[[bytes, str], object]] = {
        "pages_per_s": read_page,
        "trafilatura_fast_pages_per_s": partial(trafilatura_body, switches={"fast": True}),
        "trafilatura_precise_pages_per_s": partial(trafilatura_body, switches={"favor_precision": True}),
    }
    seconds = dict.fromkeys(readers, 0.0)
    for page, url in pages:
        for name, read in readers.items():
            started = time.process_time()
            read(page, url)
            seconds[name] += time.process_time() - started
    figures = {name: len(pages) / taken for name, taken in seconds.items()}
    return {
        "pages": len(pages),
        **figures,
        "ratio_to_fast": figures["pages_per_s"] / figures["trafilatura_fast_pages_per_s"],
        "ratio_to_precise": figures["pages_per_s"] / figures["trafilatura_precise_pages_per_s"],
    }
