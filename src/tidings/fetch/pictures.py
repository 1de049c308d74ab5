"""Where publishers' pictures are kept for readers: in a folder by their addresses."""

from __future__ import annotations

import hashlib
from pathlib import Path


def kept_at(folder: Path, url: str) -> Path:
    """Return where a cache keeps a picture."""
    digest = hashlib.sha256(url.encode()).hexdigest()
    return folder / digest[:2] / digest
