"""Decoding within limits, whatever the chunks and however hostile the bytes."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.fetch.bodies import BodyBroken, BodyCutShort, BodyTooLarge, read_body


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw": ("deflate", raw_deflate),
}


def cut(body: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield body[start : start + size]
        start += size
    yield body[start:]


@pytest.mark.parametrize("kind", PACKERS)
@settings(deadline=None)
@given(body=st.binary(max_size=2000), sizes=st.lists(st.integers(0, 20), max_size=40))
def test_what_was_packed_comes_out_however_it_is_cut(kind: str, body: bytes, sizes: list[int]) -> None:
    encoding, pack = PACKERS[kind]
    assert read_body(cut(pack(body), sizes), encoding=encoding, max_bytes=2000) == body


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
@settings(deadline=None)
@given(body=st.binary(max_size=300), sizes=st.lists(st.integers(0, 20), max_size=10))
def test_no_bytes_break_the_reading(encoding: str, body: bytes, sizes: list[int]) -> None:
    try:
        assert len(read_body(cut(body, sizes), encoding=encoding, max_bytes=1000)) <= 1000
    except (BodyBroken, BodyCutShort, BodyTooLarge):
        assert encoding


@pytest.mark.parametrize("sizes", [[], [1] * 100, [22, 1, 1], [25]])
def test_gzip_members_follow_one_another(sizes: list[int]) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
    assert read_body(cut(body, sizes), encoding="gzip", max_bytes=100) == b"one two"


@pytest.mark.parametrize("kind", ["gzip", "zlib", "raw"])
@pytest.mark.parametrize("tail", [b"\n", b"\0" * 512, b"<!-- 12 ms -->", b"\x1f", b"\x1f\x00"])
def test_what_follows_the_end_is_left_out(kind: str, tail: bytes) -> None:
    encoding, pack = PACKERS[kind]
    packed = pack(b"<rss/>")
    for sizes in ([], [len(packed)], [len(packed), 1]):
        assert read_body(cut(packed + tail, sizes), encoding=encoding, max_bytes=100) == b"<rss/>"


@pytest.mark.parametrize("kind", ["gzip", "zlib", "raw"])
def test_a_body_cut_short_is_noticed_wherever_it_is_cut(kind: str) -> None:
    encoding, pack = PACKERS[kind]
    packed = pack(b"Ferry service resumes after the fire on pier four. " * 3)
    for length in range(1, len(packed)):
        with pytest.raises((BodyCutShort, BodyBroken)):
            read_body([packed[:length]], encoding=encoding, max_bytes=1000)


@pytest.mark.parametrize("kind", PACKERS)
def test_the_limit_counts_decoded_bytes(kind: str) -> None:
    encoding, pack = PACKERS[kind]
    assert len(read_body([pack(b"x" * 1000)], encoding=encoding, max_bytes=1000)) == 1000
    with pytest.raises(BodyTooLarge):
        read_body([pack(b"x" * 1001)], encoding=encoding, max_bytes=1000)
    assert read_body([pack(b"x" * 5000)], encoding=encoding, max_bytes=1000, truncate=True) == b"x" * 1000


def test_a_bomb_costs_no_memory_and_ordinary_text_is_none() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(200)) + packer.flush()
    tracemalloc.start()
    with pytest.raises(BodyTooLarge, match="unpack"):
        read_body([bomb], encoding="gzip", max_bytes=1 << 40)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 100 << 20
    text = b"".join(
        b"<item><guid>%d</guid><title>Ferry service resumes</title></item>\n" % n for n in range(50_000)
    )
    assert read_body([gzip.compress(text, 6)], encoding="gzip", max_bytes=4 << 20) == text


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip, deflate", "x", "chunked"])
def test_a_coding_that_was_not_asked_for_is_broken(encoding: str) -> None:
    with pytest.raises(BodyBroken):
        read_body([b"x"], encoding=encoding, max_bytes=10)
