"""Weights that come inside a package: pinned by hash, checked when loaded."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from tidings.errors import AIError


def verified_weights(package: str, place: str, *, sha256: str, remedy: str) -> Path:
    """Return where a package keeps its weights, once their hash is the expected one.

    Raises AIError, with the remedy, when the package is not installed or its weights are missing or others.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise AIError("embedder", f"The bundled language model {package} is not installed. {remedy}")
    weights = Path(spec.origin).parent / place
    found = weights_digest(weights, remedy=remedy)
    if found != sha256:
        raise AIError(
            "embedder",
            f"The bundled language model {package} is not the one Tidings was checked with. {remedy}",
            detail=f"{weights} has sha256 {found}, expected {sha256}",
        )
    return weights


def weights_digest(path: Path, *, remedy: str) -> str:
    """Return the SHA-256 of a weights file, in hexadecimal.  Raises AIError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise AIError(
            "embedder", f"The bundled language model cannot be read. {remedy}", detail=str(path)
        ) from exc
