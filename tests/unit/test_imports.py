"""The import contract: one way down, and packages of one layer never import one another."""

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "tidings"
EVALS = Path(__file__).parents[2] / "evals"
LAYERS = [
    ("errors", "urls", "text"),
    ("model",),
    ("ports",),
    ("config", "fetch", "feeds", "extract", "stories", "embed", "speech", "store", "notify"),
    ("ai",),
    ("pipeline",),
    ("app",),
    ("web", "worker", "supervise", "doctor"),
    ("cli",),
    ("__main__",),
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def imported(path: Path) -> set[str]:
    """The parts of tidings that a file imports, by their first name; the package itself is left out."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module)
            if node.module == "tidings":
                names |= {f"tidings.{alias.name}" for alias in node.names}
    parts = {name.split(".")[1] for name in names if name.startswith("tidings.")}
    return {part for part in parts if part in RANK}


def part_of(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.py")), ids=lambda p: str(p.relative_to(SRC)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        assert imported(path) == set()
        return
    assert part in RANK, f"{part} has no layer: give it one in this test and in docs/design"
    wrong = {other for other in imported(path) - {part} if RANK[other] >= RANK[part]}
    if RANK[part] == 0:
        wrong -= {"errors"}
    assert not wrong, f"{path} must not import {', '.join(sorted(wrong))}"


def test_ai_reads_articles_as_stories_does_and_reaches_nothing_else() -> None:
    allowed = {"errors", "urls", "text", "model", "ports", "stories", "ai"}
    wrong = {str(path): imported(path) - allowed for path in SRC.glob("ai/**/*.py")}
    assert not {path: names for path, names in wrong.items() if names}


@pytest.mark.parametrize("path", sorted(EVALS.glob("*.py")), ids=lambda p: p.name)
def test_an_eval_enters_through_the_front_door(path: Path) -> None:
    assert imported(path) <= {"app", "ports", "model", "errors", "worker"}
