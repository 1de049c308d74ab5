"""The commit points of the main path, read from pipeline.py itself: a new one is killed at as soon as it is written."""

import ast
import inspect
from pathlib import Path

import tidings.pipeline
from tidings.store.postgres import PostgresStore


def commit_points() -> list[str]:
    """Return the names of the Store methods that pipeline.py calls and that are a transaction, sorted."""
    return sorted(name for name in _called() if "self._run(" in _source(name))


def reads() -> dict[str, str]:
    """Return the other Store methods that pipeline.py calls, each with the source of the function that it asks."""
    found = {}
    for name in sorted(_called()):
        if "self._ask(" in (source := _source(name)):
            module, function = source.partition("self._ask(")[2].partition(",")[0].rstrip(")\n").split(".")
            found[name] = inspect.getsource(
                getattr(getattr(inspect.getmodule(PostgresStore), module), function)
            )
    return found


def _called() -> set[str]:
    tree = ast.parse(Path(tidings.pipeline.__file__).read_text("utf-8"))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (
            (isinstance(node.value, ast.Attribute) and node.value.attr in ("store", "_store"))
            or (isinstance(node.value, ast.Name) and node.value.id == "store")
        )
    }


def _source(method: str) -> str:
    return inspect.getsource(getattr(PostgresStore, method))
