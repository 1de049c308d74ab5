"""Korean nouns: what is left of a word (eojeol) once its particle is off."""

from __future__ import annotations

import re
from functools import lru_cache

from tidings.text import HANGUL

EOJEOL = re.compile(f"[{HANGUL}]{{2,}}")

# Particles (josa) and the copula's common endings; what stands before one is a noun.
_PARTICLES = """
은 는 이 가 을 를 의 에 에서 에게 에는 에도 에서는 에서도 에게는 와 과 로 으로 로는 으로는 로서 으로서 로써 으로써 도 만 까지 부터
보다 처럼 께서 한테 마다 조차 이나 이며 이고 이라고 라고 이라는 라는 이라며 라며 이다 과의 와의 로의 으로의 에서의 에의 만의 까지의
부터의 측은 측이 측의 씨는 씨가 씨의 씨를 들은 들이 들을 들의 등은 등이 등을 등의 등에
"""
_BY_LENGTH = tuple(sorted(_PARTICLES.split(), key=len, reverse=True))


@lru_cache(maxsize=50_000)
def noun_of(eojeol: str) -> str:
    """Return an eojeol without its particle, at least two letters of it; as it is when it ends in none."""
    for particle in _BY_LENGTH:
        if eojeol.endswith(particle) and len(eojeol) - len(particle) >= 2:
            return eojeol[: -len(particle)]
    return eojeol
