"""The image proxy: signed addresses, raster images only, a bounded cache."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.app import Tidings
from tidings.errors import Unreachable
from tidings.model import Reply
from tidings.web import create_app
from tidings.web.images import Image, ImageProxy, raster_type

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@dataclass
class Shelf:
    """A fetcher that answers from a table of bodies and counts what it was asked."""

    bodies: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, purpose: str, **_: Any) -> Reply:
        assert purpose == "image"
        self.asked.append(url)
        if url not in self.bodies:
            raise Unreachable(url, "No answer.")
        return Reply(url, url, 200, {}, self.bodies[url], datetime(2026, 1, 1, tzinfo=UTC))


def fetch(proxy: ImageProxy, url: str) -> Image | None:
    return asyncio.run(proxy.fetch(url))


Make = Callable[..., tuple[ImageProxy, Shelf]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    proxies = []

    def made(cache_bytes: int = 1 << 20, **bodies: bytes) -> tuple[ImageProxy, Shelf]:
        shelf = Shelf({f"https://example.org/{name}": body for name, body in bodies.items()})
        proxy = ImageProxy(
            shelf,  # type: ignore[arg-type]
            secret_key=lambda: "key",
            folder=tmp_path / "images",
            cache_bytes=cache_bytes,
        )
        proxies.append(proxy)
        return proxy, shelf

    yield made
    for proxy in proxies:
        proxy.close()


@given(st.text(min_size=1, max_size=300))
def test_a_signed_address_leads_back_to_the_picture(url: str) -> None:
    proxy = ImageProxy(Shelf({}), secret_key=lambda: "key", folder=Path("unused"))  # type: ignore[arg-type]
    try:
        url.encode()
    except UnicodeEncodeError:
        return
    signature, packed = proxy.href(url).removeprefix("/image/").split("/")
    assert proxy.url_of(signature, packed) == url
    assert proxy.url_of(signature[:-1] + ("A" if signature[-1] != "A" else "B"), packed) is None
    assert proxy.url_of(signature, packed + "A") is None
    proxy.close()


def test_signatures_of_another_instance_do_not_hold(make: Make, tmp_path: Path) -> None:
    proxy, _ = make()
    other = ImageProxy(Shelf({}), secret_key=lambda: "another", folder=tmp_path)  # type: ignore[arg-type]
    signature, packed = other.href("https://example.org/a").removeprefix("/image/").split("/")
    assert proxy.url_of(signature, packed) is None
    assert proxy.url_of("é", packed) is None
    other.close()


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (SVG, None),
        (b"<!doctype html>", None),
        (b"", None),
    ],
)
def test_pictures_are_told_by_their_first_bytes(body: bytes, media_type: str | None) -> None:
    assert raster_type(body) == media_type


def test_a_picture_is_fetched_once_and_kept(make: Make) -> None:
    proxy, shelf = make(a=PNG)
    url = "https://example.org/a"
    assert proxy.kept(url) is None
    assert fetch(proxy, url) == Image(PNG, "image/png")
    assert proxy.kept(url) == Image(PNG, "image/png")
    assert shelf.asked == [url]


def test_svg_is_refused_and_not_asked_for_again_soon(make: Make) -> None:
    proxy, shelf = make(a=SVG)
    assert fetch(proxy, "https://example.org/a") is None
    assert fetch(proxy, "https://example.org/a") is None
    assert proxy.kept("https://example.org/a") is None
    assert len(shelf.asked) == 1


def test_a_failure_is_remembered_for_a_while(make: Make) -> None:
    proxy, shelf = make()
    assert fetch(proxy, "https://example.org/gone") is None
    assert fetch(proxy, "https://example.org/gone") is None
    assert len(shelf.asked) == 1


def test_the_cache_stays_within_its_bounds(make: Make, tmp_path: Path) -> None:
    big = PNG + b"\0" * 1000
    proxy, _ = make(cache_bytes=5000, **{f"p{n}": big for n in range(20)})
    for n in range(20):
        fetch(proxy, f"https://example.org/p{n}")
    proxy.trim()
    kept = [path for path in (tmp_path / "images").glob("*/*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in kept) <= 5000


def test_slow_picture_servers_leave_the_threads_that_answer_pages_alone(
    tidings: Tidings, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    class Slow:
        def get(self, url: str, **_: Any) -> Reply:
            answered.wait(20)
            raise Unreachable(url, "No answer.")

    monkeypatch.setattr(tidings, "fetcher", Slow())
    app = create_app(tidings)

    async def visit() -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client:
            href = app.state.desk.images.href
            pictures = [
                asyncio.create_task(client.get(href(f"https://example.org/{n}.png"))) for n in range(45)
            ]
            try:
                await asyncio.sleep(0.5)  # every picture is being waited for
                page = await asyncio.wait_for(client.get("/readyz"), 5)
                assert page.status_code == 200
            finally:
                answered.set()
                assert {answer.status_code for answer in await asyncio.gather(*pictures)} == {404}

    asyncio.run(visit())
    app.state.desk.images.close()


def test_no_more_pictures_wait_than_we_mean_to(make: Make) -> None:
    proxy, shelf = make(**{f"p{n}": PNG for n in range(100)})

    async def fetch_all() -> list[Image | None]:
        return await asyncio.gather(*(proxy.fetch(f"https://example.org/p{n}") for n in range(100)))

    assert asyncio.run(fetch_all()).count(None) == 100 - len(shelf.asked) == 36
    assert fetch(proxy, "https://example.org/p99") == Image(PNG, "image/png")
