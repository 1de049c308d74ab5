"""Probes for those who keep Tidings running: alive, ready, and the figures (Prometheus)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tidings.errors import TidingsError
from tidings.ports import Store
from tidings.web.desk import Reader

_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 5.0)
COUNTED_S = 60.0  # counting reads the whole archive, and anybody may ask for the figures
_UNTIMED = frozenset({"/events"})  # open for as long as a page is

router = APIRouter(include_in_schema=False)


class Metrics:
    """The site's counters, in a registry of their own so that several sites can live in one process (tests)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count_again_at = 0.0
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "tidings_http_requests_total",
            "Answers by route, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "tidings_http_request_seconds",
            "Time from a request's arrival to its answer's last byte, by route.",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._queue = Gauge("tidings_queue_rows", "Rows awaiting a step.", ["step"], registry=self._registry)
        self._lag = Gauge(
            "tidings_queue_lag_seconds",
            "How long the longest waiting row of a step has been due.",
            ["step"],
            registry=self._registry,
        )
        self._feeds = Gauge("tidings_feeds", "Followed feeds by status.", ["status"], registry=self._registry)
        self._kept = Gauge("tidings_kept", "What there is, by noun.", ["noun"], registry=self._registry)
        self._failing = Gauge(
            "tidings_feeds_failing", "Active feeds with a problem.", registry=self._registry
        )
        self._listening = Gauge("tidings_live_readers", "Pages open for live news.", registry=self._registry)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        method = method if method in ("GET", "HEAD", "POST") else "other"
        self._requests.labels(route, method, str(status)).inc()
        if route not in _UNTIMED:
            self._seconds.labels(route).observe(seconds)

    def text(self, store: Store, *, now: datetime, live_readers: int) -> bytes:
        """Return every figure in Prometheus' text format.  Raises StoreError when the database cannot answer."""
        for step, rows in store.queue_depths().items():
            self._queue.labels(step).set(rows)
        for step, seconds in store.queue_lags(now=now).items():
            self._lag.labels(step).set(seconds)
        if self._clock() >= self._count_again_at:
            for noun, count in store.counts().items():
                self._kept.labels(noun).set(count)
            self._count_again_at = self._clock() + COUNTED_S
        feeds = store.feeds()
        for status in ("active", "paused", "gone", "duplicate"):
            self._feeds.labels(status).set(sum(feed.status == status for feed in feeds))
        self._failing.set(sum(feed.status == "active" and feed.problem is not None for feed in feeds))
        self._listening.set(live_readers)
        return generate_latest(self._registry)


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers; nothing else is asked (a database that is away must not get the site restarted)."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def readyz(visit: Reader) -> Response:
    """The database answers and has our tables."""
    try:
        visit.tidings.store.setting("secret_key")
    except TidingsError as error:
        return JSONResponse({"ready": False, "reason": error.public_message}, 503)
    return JSONResponse({"ready": True})


@router.get("/metrics")
def metrics(visit: Reader) -> Response:
    text = visit.desk.metrics.text(
        visit.tidings.store, now=visit.tidings.clock(), live_readers=visit.desk.news.reader_count
    )
    return Response(text, media_type=CONTENT_TYPE_LATEST)
