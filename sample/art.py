"""Pictures and sound for the sample press, made from a number and always the same: PNG, SVG, WAV bytes."""

from __future__ import annotations

import io
import math
import random
import struct
import wave
import zlib
from functools import lru_cache

WIDTH, HEIGHT = 800, 450  # pixels
TONE_S, TONE_RATE = 12, 8000

RGB = tuple[int, int, int]


@lru_cache(maxsize=256)
def picture(number: int, *, accent: str) -> bytes:
    """Return an abstract 800 × 450 PNG in the colour family of accent ("#0b4f6c"); a few kilobytes."""
    chance = random.Random(number)
    colours = _palette(accent, chance)
    rows = [bytearray([y * 6 // HEIGHT]) * WIDTH for y in range(HEIGHT)]  # six bands of sky
    for shade in range(6, 12):
        draw = chance.choice((_hill, _disc, _tower))
        draw(rows, shade, chance)
    return _png(rows, colours)


def _palette(accent: str, chance: random.Random) -> list[RGB]:
    base = tuple(int(accent[i : i + 2], 16) for i in (1, 3, 5))
    turned = base[chance.randrange(3) :] + base[: chance.randrange(3)]
    other = (*turned, *base)[:3]
    light = [tuple(round(255 - (255 - c) * (0.12 + 0.07 * step)) for c in base) for step in range(6)]
    dark = [tuple(round(c * (0.35 + 0.13 * step)) for c in (base, other)[step % 2]) for step in range(6)]
    return [(r, g, b) for r, g, b in light + dark]


def _hill(rows: list[bytearray], shade: int, chance: random.Random) -> None:
    top, swing, turn = chance.randint(220, 360), chance.randint(15, 70), chance.uniform(0.004, 0.02)
    phase = chance.uniform(0, 6)
    for x in range(WIDTH):
        crest = int(top + swing * math.sin(x * turn + phase))
        for y in range(max(crest, 0), HEIGHT):
            rows[y][x] = shade


def _disc(rows: list[bytearray], shade: int, chance: random.Random) -> None:
    cx, cy, radius = chance.randint(60, WIDTH - 60), chance.randint(40, 260), chance.randint(25, 110)
    for y in range(max(cy - radius, 0), min(cy + radius, HEIGHT)):
        half = math.isqrt(radius * radius - (y - cy) ** 2)
        left, right = max(cx - half, 0), min(cx + half, WIDTH)
        rows[y][left:right] = bytes([shade]) * (right - left)


def _tower(rows: list[bytearray], shade: int, chance: random.Random) -> None:
    left, wide, top = chance.randint(0, WIDTH - 120), chance.randint(30, 120), chance.randint(120, 330)
    for y in range(top, HEIGHT):
        rows[y][left : left + wide] = bytes([shade]) * wide


def _png(rows: list[bytearray], colours: list[RGB]) -> bytes:
    """Return an indexed PNG (ISO/IEC 15948): every scanline with filter 0."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 6)
    palette = b"".join(bytes(colour) for colour in colours)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"PLTE", palette)
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


@lru_cache(maxsize=8)
def tone(number: int) -> bytes:
    """Return a WAV of TONE_S seconds: a soft chord, 8 kHz, 8 bits, one channel (96 kB)."""
    root = 196 * 2 ** ((number % 12) / 12)
    steps = [(root * ratio * 2 * math.pi / TONE_RATE) for ratio in (1, 5 / 4, 3 / 2)]
    total = TONE_S * TONE_RATE
    samples = bytearray(total)
    for i in range(total):
        swell = math.sin(math.pi * i / total)
        samples[i] = 128 + int(36 * swell * sum(math.sin(i * step) for step in steps))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(TONE_RATE)
        sound.writeframes(bytes(samples))
    return out.getvalue()


def favicon(initial: str, *, accent: str, paper: str) -> str:
    """Return an SVG icon: one letter on a disc."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<circle cx="32" cy="32" r="31" fill="{accent}"/>'
        f'<text x="32" y="44" font-size="34" font-family="Georgia, serif" text-anchor="middle" fill="{paper}">'
        f"{initial}</text></svg>"
    )
