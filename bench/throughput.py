"""From stored text to committed story on corpus/allsides: articles a second by step, and from page to article apart."""

import gzip
import json
import time
from itertools import islice
from pathlib import Path

from tidings.app import extract_page, open_scratch

ARTICLES = 2_000
PAGES = 200


def measure(data: Path) -> dict[str, float]:
    """Return articles per second of each step, of all of them together, and pages per second of extraction."""
    rows = corpus_rows(data, ARTICLES)
    figures: dict[str, float] = {}
    with open_scratch() as tidings:
        tidings.queue_texts(rows)
        clock = tidings.pipeline.clock
        described_s = 0.0
        while work := tidings.store.claim("describe", now=clock(), limit=32, lease_s=600.0):
            started = time.perf_counter()
            tidings.pipeline.describe(work)
            described_s += time.perf_counter() - started
        grouper = tidings.grouper("bench")
        grouped_s = 0.0
        while work := tidings.store.claim("group", now=clock(), limit=200, lease_s=600.0):
            started = time.perf_counter()
            grouper.group(work)
            grouped_s += time.perf_counter() - started
        placed = tidings.store.counts()["placed"]
        if placed != len(rows):
            raise RuntimeError(f"{placed} of {len(rows)} articles were placed")
    figures["articles"] = len(rows)
    figures["describe_articles_per_s"] = len(rows) / described_s
    figures["group_articles_per_s"] = len(rows) / grouped_s
    figures["text_to_story_articles_per_s"] = len(rows) / (described_s + grouped_s)
    pages = [
        (gzip.decompress((data / "extraction" / row["html"]).read_bytes()), row["url"])
        for row in map(json.loads, (data / "extraction" / "trafilatura.jsonl").open(encoding="utf-8"))
    ][:PAGES]
    started = time.perf_counter()
    for html, url in pages:
        try:
            extract_page(html, url)
        except Exception as error:
            if getattr(error, "reason", None) is None:
                raise
    figures["extract_pages_per_s_one_core"] = len(pages) / (time.perf_counter() - started)
    return figures


def corpus_rows(data: Path, count: int) -> list[dict[str, str]]:
    """The first articles of the corpus by date."""
    with gzip.open(data / "corpus" / "allsides.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: (row["published"], row["id"]))
    return list(islice(rows, count))
