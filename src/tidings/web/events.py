"""Live news for open pages (server-sent events): one listener on the database, one small queue for each reader.

No database connection and no thread is held while a page listens; the listener's own thread is the only one.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import structlog
from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from tidings.errors import TidingsError
from tidings.web.desk import Reader

log = structlog.get_logger("tidings.web.events")

HEARTBEAT_S = 20.0  # proxies commonly cut connections that are silent for a minute
MOST_READERS = 500
_QUEUE = 8  # a reader that lags further behind has missed nothing: every event says "there is news"

router = APIRouter()


class News:
    """Hands the database's notifications to every open page.  start() and stop() run in the site's event loop.

    on_takedown is called when articles were taken down, in the listener's thread.
    """

    def __init__(
        self,
        events: Callable[[threading.Event], Iterator[tuple[str, str]]],
        *,
        on_takedown: Callable[[], None] = lambda: None,
    ) -> None:
        self._events = events
        self._on_takedown = on_takedown
        self._stop = threading.Event()
        self._readers: set[asyncio.Queue[bytes | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def reader_count(self) -> int:
        return len(self._readers)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, name="news", daemon=True).start()

    def stop(self) -> None:
        """End every stream, and the listener with its next notification or wake-up."""
        self._stop.set()
        self._tell(None)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                for kind, payload in self._events(self._stop):
                    if kind == "takedowns":
                        self._on_takedown()
                    # An empty payload means "look yourself": said at every connection, and no news to a reader.
                    if kind == "stories" and payload and self._loop and not self._stop.is_set():
                        self._loop.call_soon_threadsafe(self._tell, _message(payload))
            except TidingsError as error:
                log.warning("waiting for the database", detail=error.detail)
                self._stop.wait(2.0)
            except RuntimeError:
                return  # the loop has ended
            except Exception:
                log.exception("listening failed")
                self._stop.wait(5.0)

    def _tell(self, message: bytes | None) -> None:
        for queue in self._readers:
            if not queue.full():
                queue.put_nowait(message)

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield events as they come, and a comment now and then so that nobody thinks the connection dead."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE)
        self._readers.add(queue)
        try:
            yield b"retry: 10000\n\n"
            while not self._stop.is_set():
                try:
                    message = await asyncio.wait_for(queue.get(), HEARTBEAT_S)
                except TimeoutError:
                    message = b": still here\n\n"
                if message is None:
                    return
                yield message
        finally:
            self._readers.discard(queue)


def _message(payload: str) -> bytes:
    """Return the event for stories by their ids, an empty list when they were too many to name."""
    ids = [int(number) for number in re.findall(r"\d+", payload)[:100]]
    return f"event: stories\ndata: {json.dumps({'stories': ids})}\n\n".encode()


@router.get("/events", include_in_schema=False)
async def events(visit: Reader) -> Response:
    """Stream what is new; the one handler that stays open, and therefore async."""
    news = visit.desk.news
    if news.reader_count >= MOST_READERS:
        return Response(status_code=503, headers={"Retry-After": "60"})
    return StreamingResponse(
        news.stream(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
