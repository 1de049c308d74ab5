"""Reading aloud by a program of one's own."""

import sys

import pytest

from tidings.config import load_settings
from tidings.errors import AIError
from tidings.speech import MOST_CHARACTERS, spoken

ECHO = "import sys; sys.stdout.buffer.write(b'RIFF' + sys.stdin.buffer.read())"


def test_a_program_is_given_the_text_and_gives_the_sound() -> None:
    assert (
        spoken((sys.executable, "-c", ECHO), "Zwölf Boote; $(touch x)")
        == b"RIFF" + "Zwölf Boote; $(touch x)".encode()
    )
    assert len(spoken((sys.executable, "-c", ECHO), "a" * 9_999)) == 4 + MOST_CHARACTERS


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import time; time.sleep(9)", "took longer"),
        ("raise SystemExit(3)", "did not read the text"),
        ("print('no sound')", "gave no WAV file"),
    ],
)
def test_a_program_that_fails_says_so(program: str, said: str) -> None:
    with pytest.raises(AIError) as caught:
        spoken((sys.executable, "-c", program), "Text.", patience_s=2.0)
    assert said in caught.value.public_message


def test_a_program_that_is_not_there_says_so() -> None:
    with pytest.raises(AIError) as caught:
        spoken(("/nowhere/piper",), "Text.")
    assert "did not read the text" in caught.value.public_message


def test_a_command_is_cut_as_a_shell_would_cut_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "tidings.toml").write_text(
        "speech_command = \"piper --model 'a voice.onnx'\"", encoding="utf-8"
    )
    assert load_settings({}, home=tmp_path).speech_command == ("piper", "--model", "a voice.onnx")
