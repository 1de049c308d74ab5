"""What a search costs as the archive grows: p50 and p95 at 10,000 articles, 100,000, and as far as TIDINGS_BENCH_SEARCH says.

The first 5,000 articles are the corpus's; the others are synthetic: each is one of those with every second paragraph
taken from another one, its vectors moved a little at random.  They are written into the database past the steps that read and
describe, for the loading is no part of what is measured; the index of words is built by the way that builds it always.

Asked are headlines of three words, questions of eight words and more, and words with a date: each once, one after another, in this
process, with the embedders of the installation.  TIDINGS_BENCH_SEARCH is a list of sizes, as "10000,100000,1000000"; a
million take 25 GB of disk.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from bench.throughput import corpus_rows
from evals.vectors import KeptVectors, kept_english
from tidings.app import Tidings, database, opened
from tidings.config import Settings
from tidings.model import SearchQuery

BASE = 5_000
SIZES = "10000,100000"
ASKED = 200  # of each kind
MOVED = 0.35  # the length of what is added to a vector of length one
SEED = 11
CHUNK = 5_000


def measure(data: Path) -> dict[str, float]:
    """Return milliseconds of each kind of query, and what the index takes to build and to keep, by size."""
    sizes = sorted(int(size) for size in os.environ.get("TIDINGS_BENCH_SEARCH", SIZES).split(","))
    rows = corpus_rows(data, BASE)
    asked = queries(rows, data)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="tidings-bench-", dir=os.environ.get("TMPDIR")) as folder:
        settings = Settings(home=Path(folder))
        with database(settings) as db:
            with opened(settings, embedder=KeptVectors(), english=kept_english()) as tidings:
                tidings.load_texts(rows[: sizes[0]], into_stories=False)
            for size in sizes:
                with opened(settings) as tidings:
                    grow(db.dsn, size)
                    figures |= {f"{name}_{size}": value for name, value in cost(tidings, asked).items()}
                    print(
                        json.dumps({k: round(v, 1) for k, v in figures.items() if k.endswith(f"_{size}")}),
                        flush=True,
                    )
    return figures


def queries(rows: Sequence[dict[str, str]], data: Path) -> dict[str, list[str]]:
    """Return what is asked, by kind."""
    chosen = random.Random(SEED).sample(list(rows), 2 * ASKED)
    words = [found[:3] for row in chosen if len(found := re.findall(r"[A-Za-z]{5,}", row["title"])) >= 3]
    lines = (data / "questions" / "realtimeqa.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    return {
        "words": [" ".join(some) for some in words[:ASKED]],
        "question": [text for text in asked if len(text.split()) >= 8][:ASKED],
        "dated": [f"{' '.join(some)} since 2015" for some in words[-ASKED:]],
    }


def cost(tidings: Tidings, asked: dict[str, list[str]]) -> dict[str, float]:
    """Return what it takes to build the index of words, to keep it, and to ask."""
    figures: dict[str, float] = {}
    started, cpu = time.perf_counter(), time.process_time()
    taken = tidings.searcher.refresh()
    figures["index_s"] = time.perf_counter() - started
    figures["index_cpu_ms_an_article"] = 1000 * (time.process_time() - cpu) / max(1, taken)
    folder = tidings.settings.home / "search"
    figures["index_mb"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    for text in ("warm", "what is warm, and who says so?"):
        tidings.search(SearchQuery(text))
    for kind, texts in asked.items():
        took, found = [], 0
        for text in texts:
            started = time.perf_counter()
            answer = tidings.search(SearchQuery(text))
            took.append(1000 * (time.perf_counter() - started))
            found += bool(answer.rows)
        if found < len(texts) / 2:
            raise RuntimeError(f"of {len(texts)} queries {found} found anything")
        figures[f"{kind}_p50_ms"] = statistics.median(took)
        figures[f"{kind}_p95_ms"] = statistics.quantiles(took, n=20)[-1]
    return figures


# ── synthetic articles ───────────────────────────────────────────────────────────────────────────────────────────────


def grow(dsn: str, size: int) -> None:
    """Write synthetic articles until there are as many as that; the indexes of vectors are built again at the end."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0; SET maintenance_work_mem = '1GB'")
        have = _one(connection, "SELECT count(*) FROM articles")
        if have >= size:
            return
        base = connection.execute(
            """
            SELECT a.publisher_id, a.headline, a.language, a.at, r.paragraphs, vector_send(v.headline), vector_send(v.body),
                vector_send(w.body), d.model_id, d.english_model_id
            FROM articles a JOIN revisions r ON r.article_id = a.id AND r.revision = a.revision
            JOIN descriptions d ON d.article_id = a.id
            JOIN vectors v ON v.article_id = a.id AND v.model_id = d.model_id
            LEFT JOIN vectors w ON w.article_id = a.id AND w.model_id = d.english_model_id
            WHERE a.url NOT LIKE 'urn:synthetic:%' ORDER BY a.id
            """
        ).fetchall()
        indexes = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'vectors_near_%'"
        ).fetchall()
        for (name,) in connection.execute(
            "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'vectors_near_%'"
        ).fetchall():
            connection.execute(f"DROP INDEX {name}")
        for start in range(have, size, CHUNK):
            _write(connection, base, range(start, min(size, start + CHUNK)))
        for (definition,) in indexes:
            connection.execute(definition)
        connection.execute("ANALYZE")


def _write(connection: psycopg.Connection[Any], base: Sequence[Any], numbers: range) -> None:
    rng = random.Random(numbers.start)
    noise = np.random.default_rng(numbers.start)
    with connection.transaction():
        ids = [
            row[0]
            for row in connection.execute(
                "SELECT nextval(pg_get_serial_sequence('articles', 'id')) FROM generate_series(1, %s)",
                (len(numbers),),
            )
        ]
        made = [(article_id, rng.choice(base), rng.choice(base)) for article_id in ids]
        _copy(
            connection,
            "articles (id, publisher_id, url, url_key, headline, lead, published_at, language, made_by, text_digest,"
            " first_seen_at, last_changed_at)",
            (
                (i, one[0], f"urn:synthetic:{i}", f"synthetic {i}".encode(), one[1], "", one[3] + timedelta(seconds=i % 86_400),
                 one[2], "synthetic", b"synthetic", one[3], one[3])
                for i, one, _ in made
            ),
        )  # fmt: skip
        _copy(
            connection,
            "revisions (article_id, revision, change, seen_at, headline, paragraphs, text_digest)",
            (
                (i, 1, "first", one[3], one[1], _mixed(one[4], other[4]), b"synthetic")
                for i, one, other in made
            ),
        )
        _copy(
            connection,
            "descriptions (article_id, model_id, english_model_id, made_by, language, at, dated, headline, words,"
            " headline_words, names, phrases, sketch, word_count)",
            (
                (
                    i,
                    one[8],
                    one[9],
                    "synthetic",
                    one[2],
                    one[3],
                    True,
                    one[1],
                    "{}",
                    "{}",
                    "[]",
                    "[]",
                    b"",
                    500,
                )
                for i, one, _ in made
            ),
        )
        _copy(
            connection,
            "vectors (model_id, article_id, headline, body)",
            (
                (model, i, headline, body)
                for i, one, _ in made
                for model, headline, body in (
                    (one[8], _moved(one[5], noise), _moved(one[6], noise)),
                    (one[9], None, _moved(one[7], noise)),
                )
                if model is not None
            ),
        )
        connection.execute(
            "INSERT INTO changes (article_id, changed_in) SELECT unnest(%s::bigint[]), pg_current_xact_id()",
            (ids,),
        )


def _copy(connection: psycopg.Connection[Any], into: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _mixed(paragraphs: Sequence[str], others: Sequence[str]) -> list[str]:
    """Every second paragraph from another text."""
    return [others[n] if n % 2 and n < len(others) else own for n, own in enumerate(paragraphs)]


def _moved(sent: bytes | None, noise: np.random.Generator) -> str | None:
    """A vector as the database sends it, moved a little, as the database reads it."""
    if sent is None:
        return None
    vector = np.frombuffer(sent, ">f4", offset=4).astype(np.float32)
    moved = vector + noise.normal(0, MOVED / len(vector) ** 0.5, len(vector)).astype(np.float32)
    moved /= np.linalg.norm(moved) or 1.0
    return "[" + ",".join(f"{x:.5f}" for x in moved) + "]"


def _one(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])
