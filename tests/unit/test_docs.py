"""What can be used is documented, and what is documented leads somewhere."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
import typer.main

from tidings import config, errors
from tidings.cli import cli
from tidings.config import OwnHost, Settings
from tidings.feeds.starters import starter_names
from tidings.web import create_app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SRC = ROOT / "src" / "tidings"
REFERENCE = DOCS / "reference"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
HOSTS_OF_REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("conda", "anaconda", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("proxy", "golang", "org"),
        ("huggingface", "co"),
    )
]


def read(path: Path) -> str:
    return path.read_text("utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def missing(names: set[str], page: str) -> list[str]:
    """Return the names that a reference page does not have in code quotes."""
    quoted = set(re.findall(r"`([^`\n]+)`", read(REFERENCE / page)))
    return sorted(names - quoted)


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def commands() -> dict[str, click.Command]:
    group = typer.main.get_command(cli)
    assert isinstance(group, click.Group) or hasattr(group, "commands")
    return dict(group.commands)  # type: ignore[attr-defined]


def section_of(command: str) -> str:
    found = re.search(rf"^## `tidings {command}`$(.*?)(?=^## |\Z)", read(REFERENCE / "cli.md"), re.M | re.S)
    return found[1] if found else ""


@pytest.mark.parametrize("command", sorted(commands()))
def test_a_command_is_documented_with_every_option(command: str) -> None:
    section = section_of(command)
    assert section, f"docs/reference/cli.md has no section `tidings {command}`"
    options = [
        parameter.opts[0]
        if parameter.param_type_name == "option"
        else (parameter.metavar or parameter.name.upper())
        for parameter in commands()[command].params
        if not getattr(parameter, "hidden", False) and parameter.name != "help"
    ]
    assert [option for option in options if f"`{option}`" not in section] == []


def test_no_documented_command_or_option_is_invented() -> None:
    documented = set(re.findall(r"^## `tidings ([\w-]+)`$", read(REFERENCE / "cli.md"), re.M))
    assert documented == set(commands())
    for command in documented:
        known = {option for parameter in commands()[command].params for option in parameter.opts}
        assert set(re.findall(r"^\| `(--[\w-]+)`", section_of(command), re.M)) <= known


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_in_a_page_exist(page: Path) -> None:
    for command, rest in re.findall(r"(?:^|[\s`$/])tidings ([a-z]+)((?: --?[\w-]+)*)", _code_of(read(page))):
        assert command in commands(), f"{name_of(page)} names `tidings {command}`"
        known = {option for parameter in commands()[command].params for option in parameter.opts} | {"--help"}
        assert set(rest.split()) <= known, f"{name_of(page)}: tidings {command}{rest}"


def _code_of(page: str) -> str:
    """The code of a page: fenced blocks, indented blocks and code quotes, a line each."""
    fenced = re.findall(r"^```\w*\n(.*?)^```$", page, re.M | re.S)
    rest = re.sub(r"^```\w*\n.*?^```$", "", page, flags=re.M | re.S)
    indented = re.findall(r"^    .*$", rest, re.M)
    return "\n".join([*fenced, *indented, *re.findall(r"`([^`\n]+)`", rest)])


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_setting_is_documented() -> None:
    assert missing({f.name for f in (*fields(Settings), *fields(OwnHost))}, "configuration.md") == []


def test_the_documented_defaults_are_the_defaults() -> None:
    settings = Settings(home=Path("~/.tidings"))
    for name, default in re.findall(
        r"^\| `(\w+)` \| `([^`]+)` \|", read(REFERENCE / "configuration.md"), re.M
    ):
        value = getattr(OwnHost() if name == "min_interval_s" else settings, name)
        if name != "spacing_s":  # it has two: for hosts of others and for one's own
            assert default == str(value), name


def test_every_environment_variable_is_documented() -> None:
    named = {"TIDINGS_HOME", *config._ENVIRONMENT}
    for path in SRC.rglob("*.py"):
        named |= set(re.findall(r"\bTIDINGS_[A-Z_]*[A-Z]\b", read(path)))
    assert missing(named, "configuration.md") == []


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def error_classes(
    base: type[errors.TidingsError] = errors.TidingsError,
) -> Iterator[type[errors.TidingsError]]:
    yield base
    for below in base.__subclasses__():
        yield from error_classes(below)


def test_every_error_code_is_documented_with_its_class_and_retry() -> None:
    page = read(REFERENCE / "errors.md")
    rows = {f"| `{kind.code}` | `{kind.__name__}` | {kind.retry} |" for kind in error_classes()}
    assert {row for row in rows if row not in page} == set()


def test_every_reason_is_documented() -> None:
    assert missing(set(reasons()), "errors.md") == []


def reasons() -> Iterator[str]:
    """The reasons that the source gives to ParseError and ExtractError, also those that it chooses just before."""
    for path in [*(SRC / "feeds").rglob("*.py"), *(SRC / "extract").rglob("*.py")]:
        for node in ast.walk(ast.parse(read(path))):
            stated: list[ast.expr] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                stated += [word.value for word in node.keywords if word.arg == "reason"]
                stated += node.args[1:2] if node.func.id == "ExtractError" else []
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
                stated += (
                    [node.value.body, node.value.orelse]
                    if isinstance(node.value, ast.IfExp)
                    else [node.value]
                )
            yield from (one.value for one in stated if isinstance(one, ast.Constant) and one.value)


# ── evals, tables, routes ────────────────────────────────────────────────────────────────────────────────────────────


def test_every_eval_and_its_floored_figures_are_documented() -> None:
    floors = json.loads(read(ROOT / "evals" / "floors.json"))
    tasks = {row["task"] for row in floors.values()}
    figures = {key for row in floors.values() for key in (*row["floors"], *row.get("ceilings", {}))}
    assert missing(tasks | figures, "evals.md") == []


def test_every_table_is_documented() -> None:
    steps = (SRC / "store" / "migrations" / "versions").glob("r[0-9]*.py")
    tables = {table for step in steps for table in re.findall(r"CREATE TABLE (\w+)", read(step))}
    assert tables
    assert missing(tables, "data-model.md") == []


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The paths that the site answers; no instance is asked anything to know them."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    app = create_app(SimpleNamespace(fetcher=None, store=None, settings=settings))
    return set(_paths(app.routes))


def _paths(routes: list[object]) -> Iterator[str]:
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if inner is not None:
            yield from _paths(inner)
        if hasattr(route, "path"):
            yield route.path


def test_every_route_is_documented(paths: set[str]) -> None:
    assert len(paths) > 30
    assert missing(paths, "http.md") == []


def test_no_documented_route_is_invented(paths: set[str]) -> None:
    tables = re.findall(r"^\| (`/[^|]*)\|", read(REFERENCE / "http.md"), re.M)
    documented = {path for cell in tables for path in re.findall(r"`(/[^`]*)`", cell)}
    assert documented - paths == set()


def test_every_metric_is_documented() -> None:
    metrics = set(re.findall(r'"(tidings_[a-z_]+)"', read(SRC / "web" / "health.py")))
    assert metrics
    assert missing(metrics, "http.md") == []


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", read(page), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists() or is_a_picture_yet_to_be_taken(there), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in anchors(there), f"{name_of(page)} links to {target}"


def is_a_picture_yet_to_be_taken(path: Path) -> bool:
    return path.parent == DOCS / "pictures" and not path.parent.exists()


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", read(page), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_no_package_registry(page: Path) -> None:
    assert [host for host in HOSTS_OF_REGISTRIES if host in read(page)] == []


@pytest.mark.parametrize("page", sorted((DOCS / "design").glob("*.md")), ids=lambda p: p.name)
def test_a_design_page_is_listed_and_ends_with_what_would_change_our_mind(page: Path) -> None:
    if page.name == "README.md":
        return
    assert f"]({page.name})" in read(page.parent / "README.md")
    last = [part for part in re.split(r"\n\n", read(page).strip()) if part.startswith("**")][-1]
    assert last.startswith("**What would change our mind.**")


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(page))
        ahead += [(page.parent / target).resolve() for target in targets if "://" not in target]
    assert sorted(map(name_of, set(PAGES) - reached)) == []


def test_every_starter_pack_is_named_in_the_guide() -> None:
    page = read(DOCS / "guide" / "following.md")
    assert [name for name in starter_names() if f"`{name}`" not in page] == []
