"""Reading aloud by a program of one's own: stand-ins that do what such programs do, and the real Piper where it is installed."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic, sleep

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.config import load_settings
from tidings.errors import AIError
from tidings.speech import MOST_BYTES, MOST_CHARACTERS, spoken

HEAD = b"RIFF%bWAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data%b"
ECHO = f"""
import sys, pathlib
text = sys.stdin.buffer.read()
sys.stdout.buffer.write({HEAD!r} % ((36 + len(text)).to_bytes(4, "little"), len(text).to_bytes(4, "little")) + text)
"""


def wav(frames: bytes, riff: int | None = None, size: int | None = None) -> bytes:
    """A WAV file of 8,000 samples a second, or one whose head says other sizes."""
    sizes = (36 + len(frames) if riff is None else riff, len(frames) if size is None else size)
    return HEAD % tuple(n.to_bytes(4, "little") for n in sizes) + frames


def python(program: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program, *arguments)


def writes(sound: bytes) -> tuple[str, ...]:
    return python(f"import sys; sys.stdout.buffer.write({sound!r})")


def test_a_program_is_given_the_text_and_gives_the_sound() -> None:
    text = "Zwölf Boote; $(touch x)"
    assert spoken(python(ECHO), text) == wav(text.encode())
    assert spoken(python(ECHO), "a" * 9_999) == wav(b"a" * MOST_CHARACTERS)


def test_a_program_may_open_its_output_anew_and_go_back_in_it() -> None:
    # as Piper does, whose WAV file of two sentences grows after its head was written
    program = "import wave; w = wave.open('/dev/stdout', 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); w.writeframes(b'abcd'); w.writeframes(b'ef'); w.close()"
    assert spoken(python(program), "Text. More.") == wav(b"abcdef")


@pytest.mark.parametrize("size", [0x7FFFF000, 0xFFFFFFFF, 5, 0])
def test_sizes_that_a_program_could_not_know_are_put_right(size: int) -> None:
    assert spoken(writes(wav(b"abcd", riff=size, size=size)), "Text.") == wav(b"abcd")


def test_a_program_is_told_the_language_of_the_text() -> None:
    program = f"import sys; sys.stdout.buffer.write({wav(b'ab')!r} + sys.argv[1].encode())"
    assert (
        spoken(python(program, "/voices/{language}.onnx"), "Text.", language="pt-BR")
        == wav(b"ab") + b"/voices/pt-BR.onnx"
    )
    for unknown in (None, "", "../de", "de;", "ａｂ"):
        with pytest.raises(AIError) as caught:
            spoken(python(program, "{language}"), "Text.", language=unknown)
        assert "no voice for it" in caught.value.public_message


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import time; time.sleep(9)", "took longer than 1 seconds"),
        ("import sys; sys.exit('no such voice')", "did not read the text"),
        ("print('no sound')", "gave no sound"),
        ("print('RIFF....WAVEfmt ')", "gave no sound"),
        ("", "gave no sound"),
        (f"import os; os.truncate(1, {MOST_BYTES + 1})", "did not stop speaking"),
        (f"import os, time; os.truncate(1, {MOST_BYTES + 1}); time.sleep(9)", "did not stop speaking"),
    ],
)
def test_a_program_that_fails_says_so(program: str, said: str) -> None:
    with pytest.raises(AIError) as caught:
        spoken(python(program), "Text.", patience_s=1.0 if "longer" in said else 20.0)
    assert said in caught.value.public_message
    assert ("no such voice" in caught.value.detail) == ("no such voice" in program)


def test_a_program_that_is_not_there_says_so() -> None:
    with pytest.raises(AIError) as caught:
        spoken(("/nowhere/piper",), "Text.")
    assert "did not read the text" in caught.value.public_message


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    left = tmp_path / "pid"
    program = f"import subprocess, time; open({str(left)!r}, 'w').write(str(subprocess.Popen(['sleep', '60']).pid)); time.sleep(60)"
    before = monotonic()
    with pytest.raises(AIError):
        spoken(python(program), "Text.", patience_s=1.0)
    assert monotonic() - before < 30
    child = int(left.read_text())
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(child)
        while process.status() != psutil.STATUS_ZOMBIE and monotonic() - before < 30:
            sleep(0.05)
        assert process.status() == psutil.STATUS_ZOMBIE


@settings(max_examples=15, deadline=None)
@given(
    st.binary(max_size=80) | st.builds(wav, st.binary(min_size=1, max_size=9), size=st.integers(0, 2**32 - 1))
)
def test_whatever_a_program_writes_is_put_right_once_or_refused(sound: bytes) -> None:
    with NamedTemporaryFile() as file:
        file.write(sound if sound.startswith(b"RIFF") else b"RIFF0000WAVE" + sound)
        file.flush()
        heard = b""
        with suppress(AIError):
            heard = spoken(("cat", file.name), "Text.")
        if heard:
            assert len(heard) == file.tell()
            file.seek(0)
            file.write(heard)
            file.flush()
            assert spoken(("cat", file.name), "Text.") == heard


def test_a_command_is_cut_as_a_shell_would_cut_it(tmp_path: Path) -> None:
    (tmp_path / "tidings.toml").write_text(
        "speech_command = \"piper --model 'a voice.onnx'\"", encoding="utf-8"
    )
    assert load_settings({}, home=tmp_path).speech_command == ("piper", "--model", "a voice.onnx")
