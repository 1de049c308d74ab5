"""Pictures and sound for the sample press, made from a number and always the same: PNG, SVG, WAV bytes."""

from __future__ import annotations

import colorsys
import io
import math
import random
import struct
import wave
import zlib
from functools import lru_cache

WIDTH, HEIGHT = 800, 450  # pixels
SKIES, LAYERS = 10, 4  # bands of sky, layers of land
TONE_S, TONE_RATE = 12, 8000

RGB = tuple[int, int, int]


@lru_cache(maxsize=256)
def picture(number: int, *, accent: str) -> bytes:
    """Return a quiet 800 × 450 landscape as PNG in the colour family of accent ("#0b4f6c"); a few kilobytes."""
    chance = random.Random(number)
    rows = [bytearray([y * SKIES // HEIGHT]) * WIDTH for y in range(HEIGHT)]
    _disc(rows, SKIES, chance)
    has_city = chance.random() < 0.5
    for layer in range(LAYERS):  # from the farthest to the nearest, each lower and darker
        shade = SKIES + 1 + layer
        if has_city and layer == LAYERS - 2:
            for _ in range(chance.randint(4, 9)):
                _tower(rows, shade, chance)
        _hill(rows, shade, chance, top=190 + layer * 55)
    return _png(rows, _palette(accent, chance))


def _palette(accent: str, chance: random.Random) -> list[RGB]:
    """The sky's bands, the sun, then the land from far to near; muted, and turned a little from the accent for variety."""
    red, green, blue = (int(accent[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, _, strength = colorsys.rgb_to_hls(red, green, blue)
    hue += chance.uniform(-0.05, 0.05)
    strength = min(strength, 0.42)
    evening = hue + chance.choice((0.0, 0.08, -0.08))

    def shade(turn: float, light: float, strong: float) -> RGB:
        r, g, b = colorsys.hls_to_rgb(turn % 1.0, light, strong)
        return round(255 * r), round(255 * g), round(255 * b)

    sky = [shade(evening, 0.84 + 0.10 * band / SKIES, 0.35 * strength + 0.05) for band in range(SKIES)]
    land = [shade(hue, 0.68 - 0.155 * layer, strength * (0.45 + 0.16 * layer)) for layer in range(LAYERS)]
    return [*sky, shade(evening + 0.04, 0.975, 0.5), *land]


def _hill(rows: list[bytearray], shade: int, chance: random.Random, *, top: int) -> None:
    waves = [
        (swing, chance.uniform(0.6, 1.4) * turn, chance.uniform(0, 6))
        for swing, turn in ((34, 0.006), (12, 0.017))
    ]
    top += chance.randint(-20, 20)
    for x in range(WIDTH):
        crest = int(top + sum(swing * math.sin(x * turn + phase) for swing, turn, phase in waves))
        for y in range(max(crest, 0), HEIGHT):
            rows[y][x] = shade


def _disc(rows: list[bytearray], shade: int, chance: random.Random) -> None:
    cx, cy, radius = chance.randint(120, WIDTH - 120), chance.randint(80, 190), chance.randint(28, 60)
    for y in range(max(cy - radius, 0), min(cy + radius, HEIGHT)):
        half = math.isqrt(radius * radius - (y - cy) ** 2)
        left, right = max(cx - half, 0), min(cx + half, WIDTH)
        rows[y][left:right] = bytes([shade]) * (right - left)


def _tower(rows: list[bytearray], shade: int, chance: random.Random) -> None:
    left, wide, top = chance.randint(0, WIDTH - 60), chance.randint(22, 58), chance.randint(180, 300)
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
