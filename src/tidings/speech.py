"""Reading aloud by a program of the operator's choice: text on its standard input, a WAV file on its standard output.

A process of its own, named in the settings ("piper --model joe.onnx --output_file -"), so that nothing of it is part of Tidings.
It is started without a shell, is given a sentence at a time, and is ended when it takes too long or says too much.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence

from tidings.errors import AIError

MOST_CHARACTERS = 1_200  # of a sentence
MOST_BYTES = 32 << 20
PATIENCE_S = 30.0
_turn = threading.BoundedSemaphore(1)  # a voice takes a whole core


def spoken(command: Sequence[str], text: str, *, patience_s: float = PATIENCE_S) -> bytes:
    """Return a text as a WAV file.  Raises AIError when the program is not there, fails, takes too long or gives no WAV file."""
    if not _turn.acquire(timeout=patience_s):
        raise AIError("speech", "Somebody else is being read to just now. Try again in a moment.")
    try:
        finished = subprocess.run(
            list(command),
            input=text[:MOST_CHARACTERS].encode(),
            capture_output=True,
            timeout=patience_s,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise AIError("speech", f"The voice took longer than {patience_s:.0f} seconds.") from error
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"") or b""
        raise AIError(
            "speech",
            "The program named by speech_command did not read the text. Try the command itself.",
            detail=f"{error}: {said[-300:].decode('utf-8', 'replace')}",
        ) from error
    finally:
        _turn.release()
    if not finished.stdout.startswith(b"RIFF") or len(finished.stdout) > MOST_BYTES:
        raise AIError("speech", "The program named by speech_command gave no WAV file of a usable size.")
    return finished.stdout
