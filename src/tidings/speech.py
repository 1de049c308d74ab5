"""Reading aloud by a program of the operator's choice: text on its standard input, a WAV file on its standard output.

A process of its own, named in the settings ("piper -m /voices/{language}.onnx -f /dev/stdout"), so that nothing of it is part of
Tidings.  It is started without a shell, is given a sentence at a time, and is ended, with all that it started, when it takes too
long or says too much.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import IO

from tidings.errors import AIError

MOST_CHARACTERS = 1_200  # of a sentence
MOST_BYTES = 32 << 20
PATIENCE_S = 30.0
LANGUAGE = "{language}"
_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.I | re.A)
_LOOK_S = 0.1
_turn = threading.BoundedSemaphore(1)  # a voice takes a whole core


def spoken(
    command: Sequence[str], text: str, *, language: str | None = None, patience_s: float = PATIENCE_S
) -> bytes:
    """Return a text as a WAV file; "{language}" in the command becomes the text's language ("en").

    Raises AIError when the program is not there, fails, takes too long or gives no sound as a WAV file, and where a language is
    asked for that is not known.
    """
    if any(LANGUAGE in word for word in command):
        if not language or not _CODE.fullmatch(language):
            raise AIError("speech", "The language of this text is not known, so there is no voice for it.")
        command = [word.replace(LANGUAGE, language) for word in command]
    if not _turn.acquire(timeout=patience_s):
        raise AIError("speech", "Somebody else is being read to just now. Try again in a moment.")
    try:
        return _whole(_said(command, text[:MOST_CHARACTERS], patience_s))
    finally:
        _turn.release()


def _said(command: Sequence[str], text: str, patience_s: float) -> bytes:
    # Files, not pipes: the sizes at the head of a WAV file are known at its end, and Piper goes back to write them.  A program
    # that leaves a child behind would also keep a pipe open.
    with TemporaryFile() as words, TemporaryFile() as sound, TemporaryFile() as complaint:
        words.write(text.encode())
        words.seek(0)
        try:
            program = subprocess.Popen(
                list(command), stdin=words, stdout=sound, stderr=complaint, start_new_session=True
            )
        except OSError as error:
            raise _failed(str(error)) from error
        try:
            code = _ended(program, sound, patience_s)
        finally:
            # It has ended, or runs as somebody else and cannot be ended from here; then it is not waited for.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(program.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(_LOOK_S)
        if code:
            complaint.seek(max(0, complaint.seek(0, os.SEEK_END) - 300))
            raise _failed(f"exit status {code}: {complaint.read().decode('utf-8', 'replace')}")
        sound.seek(0)
        return sound.read()


def _ended(program: subprocess.Popen[bytes], sound: IO[bytes], patience_s: float) -> int:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = program.wait(_LOOK_S)
            if os.fstat(sound.fileno()).st_size <= MOST_BYTES:
                return code
        if os.fstat(sound.fileno()).st_size > MOST_BYTES:
            raise AIError("speech", "The program named by speech_command did not stop speaking.")
    raise AIError("speech", f"The voice took longer than {patience_s:.0f} seconds.")


def _failed(detail: str) -> AIError:
    return AIError(
        "speech",
        "The program named by speech_command did not read the text. Try the command itself.",
        detail=detail,
    )


def _whole(sound: bytes) -> bytes:
    """Return a WAV file with its true sizes: a program that writes its head first does not know them (eSpeak writes 2 GB)."""
    at = 12
    while sound[:4] == b"RIFF" and sound[8:12] == b"WAVE" and at + 8 < len(sound):
        name, size = sound[at : at + 4], int.from_bytes(sound[at + 4 : at + 8], "little")
        if name == b"data" and 0 < size <= len(sound) - at - 8:
            return sound
        if name == b"data":
            sizes = [(n - 8).to_bytes(4, "little") for n in (len(sound), len(sound) - at)]
            return b"RIFF" + sizes[0] + sound[8 : at + 4] + sizes[1] + sound[at + 8 :]
        at += 8 + size + size % 2
    raise AIError("speech", "The program named by speech_command gave no sound as a WAV file.")
