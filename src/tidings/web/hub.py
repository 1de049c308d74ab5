"""Where WebSub hubs talk to us: proofs of intent, and entries as soon as they are published (W3C WebSub §5.3, §7)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from tidings.errors import NotFound
from tidings.web.desk import Reader

router = APIRouter(include_in_schema=False)
FeedId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/hub/{feed_id}/{token}")
def verify(visit: Reader, feed_id: FeedId, token: str) -> Response:
    """Answer a hub's question whether we asked for this: its challenge when we did, 404 when not."""
    challenge = visit.tidings.hub_verify(feed_id, token, dict(visit.request.query_params))
    if challenge is None:
        return Response(status_code=404)
    return PlainTextResponse(challenge, headers={"Content-Security-Policy": "default-src 'none'; sandbox"})


@router.post("/hub/{feed_id}/{token}")
async def deliver(visit: Reader, feed_id: FeedId, token: str, request: Request) -> Response:
    """Take in what a hub sends; async only to receive the body, the work is done in a thread.

    410 tells the hub that the subscription is over (§7), where the feed is not followed any more.
    """
    body = await request.body()
    try:
        taken = await run_in_threadpool(
            visit.tidings.hub_deliver, feed_id, token, dict(request.headers), body
        )
    except NotFound:
        return Response(status_code=410)
    return Response(status_code=202 if taken else 404)
