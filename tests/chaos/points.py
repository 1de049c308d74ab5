"""The commit points of the main path, read from pipeline.py itself: a new one is killed at as soon as it is written."""

import ast
from pathlib import Path

import tidings.pipeline

READS = {"known_entries", "kept_page", "articles", "descriptions", "window", "hashtag_vocabulary"}


def commit_points() -> list[str]:
    """Return the names of the Store methods that pipeline.py calls and that write, sorted."""
    tree = ast.parse(Path(tidings.pipeline.__file__).read_text("utf-8"))
    called = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (
            (isinstance(node.value, ast.Attribute) and node.value.attr in ("store", "_store"))
            or (isinstance(node.value, ast.Name) and node.value.id == "store")
        )
    }
    return sorted(called - READS)
