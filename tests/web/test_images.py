"""The image proxy: signed addresses, raster images only, a bounded cache."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.errors import Unreachable
from tidings.model import Reply
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
    assert proxy.fetch(url) == Image(PNG, "image/png")
    assert proxy.kept(url) == Image(PNG, "image/png")
    assert shelf.asked == [url]


def test_svg_is_refused_and_not_asked_for_again_soon(make: Make) -> None:
    proxy, shelf = make(a=SVG)
    assert proxy.fetch("https://example.org/a") is None
    assert proxy.fetch("https://example.org/a") is None
    assert proxy.kept("https://example.org/a") is None
    assert len(shelf.asked) == 1


def test_a_failure_is_remembered_for_a_while(make: Make) -> None:
    proxy, shelf = make()
    assert proxy.fetch("https://example.org/gone") is None
    assert proxy.fetch("https://example.org/gone") is None
    assert len(shelf.asked) == 1


def test_the_cache_stays_within_its_bounds(make: Make, tmp_path: Path) -> None:
    big = PNG + b"\0" * 1000
    proxy, _ = make(cache_bytes=5000, **{f"p{n}": big for n in range(20)})
    for n in range(20):
        proxy.fetch(f"https://example.org/p{n}")
    proxy.trim()
    kept = [path for path in (tmp_path / "images").glob("*/*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in kept) <= 5000
