"""What the evals of stories/ share: rows of a JSON Lines file, articles made of them, bootstrap intervals."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sample.press import load_press
from tidings.app import text_extract
from tidings.model import Article, Publisher

RESAMPLES = 1000
PRESS_START = datetime(2026, 5, 6, 12, tzinfo=UTC)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_Unit = TypeVar("_Unit")


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a .jsonl or .jsonl.gz file.  Raises SystemExit naming the line that is not JSON."""
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise SystemExit(f"{path}:{number}: not JSON: {error}") from error


def published_of(row: Mapping[str, Any]) -> datetime | None:
    """Return when a row was published: `published_ms` (Unix milliseconds) or `published` (ISO 8601), None without."""
    if "published_ms" in row:
        return datetime.fromtimestamp(row["published_ms"] / 1000, UTC)
    if row.get("published"):
        at = datetime.fromisoformat(row["published"])
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def press_rows() -> list[dict[str, Any]]:
    """Return the articles of the sample press, as its publishers wrote them, with the story that is true of each."""
    press = load_press()
    return [
        {
            "id": article.id,
            "story": article.story,
            "publisher": article.publisher,
            "title": article.headline,
            "standfirst": article.standfirst,
            "text": "\n".join(article.paragraphs),
            "language": press.publishers[article.publisher].language,
            "published": (PRESS_START + article.published).isoformat(),
        }
        for article in press.articles.values()
    ]


def article_of(row: Mapping[str, Any], article_id: int, publisher_id: int = 1) -> Article:
    """Return a row as the read step would have kept it."""
    at = published_of(row)
    extract = text_extract({"title": row.get("title", ""), "text": row.get("text", "")})
    extract = replace(
        extract,
        published_at=at,
        standfirst=row.get("standfirst"),
        language=row.get("language") or extract.language,
    )
    return Article(
        id=article_id,
        publisher=Publisher(publisher_id, row.get("publisher", ""), None),
        url=row.get("url") or f"urn:tidings:eval:{article_id}",
        extract=extract,
        revision=1,
        text_digest=b"",
        first_seen_at=at or _NEVER,
        last_changed_at=at or _NEVER,
    )


def f1(precision: float, recall: float) -> float:
    """Return the harmonic mean of precision and recall, 0 when both are."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def interval(units: Sequence[_Unit], measure: Callable[[Sequence[_Unit]], float]) -> list[float]:
    """Return the 95 % bootstrap interval of a measure over units drawn with replacement, from a fixed seed."""
    chance = random.Random(20260701)
    drawn = sorted(measure(chance.choices(units, k=len(units))) for _ in range(RESAMPLES))
    return [round(drawn[int(RESAMPLES * 0.025)], 4), round(drawn[int(RESAMPLES * 0.975)], 4)]
