"""Every eval on the data beside the checkout, against the floors: `python -m evals ../shared/data`.

Each eval runs as its own process and prints one JSON object as its last line.  A figure under its floor in floors.json
fails the run.  `--raise` lifts the floors to a little under what was reached (never lowers one).
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

FLOORS = Path(__file__).with_name("floors.json")
NOISE = 0.003  # a floor is set this far under the figure: ties between equal scores move results by less


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder of real data, ../shared/data")
    parser.add_argument("--only", action="append", help="run only these rows of floors.json")
    parser.add_argument(
        "--raise", dest="lift", action="store_true", help="lift the floors to what was reached"
    )
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"{options.data} is not there: the evals need the real data beside the checkout.")
        return 2
    rows = json.loads(FLOORS.read_text("utf-8"))
    fallen = []
    for name, row in rows.items():
        if options.only and name not in options.only:
            continue
        paths = [options.data / part for part in row["input"]]
        command = [
            sys.executable,
            "-m",
            f"evals.{row['task']}",
            *(argument.format(data=options.data) for argument in row["arguments"]),
            "--json",
        ]
        started = time.monotonic()
        finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if finished.returncode:
            print(f"{name}: FAILED with status {finished.returncode}")
            fallen.append(name)
            continue
        figures = json.loads(finished.stdout.strip().splitlines()[-1])
        digest = digest_of(paths)
        print(
            f"{name}  ({time.monotonic() - started:.0f} s, n = {figures.get('n', figures.get('files', '–'))})"
        )
        if row.get("digest") not in (None, digest):
            print("  the input is not the one that the floors were set on")
        for key, floor in row["floors"].items():
            under = figure(figures, key) < floor
            print(f"  {key:18} {figure(figures, key):.4f}  floor {floor:.4f}{'  UNDER' if under else ''}")
            if under:
                fallen.append(f"{name} {key}")
        for key, ceiling in row.get("ceilings", {}).items():
            over = figure(figures, key) > ceiling
            print(f"  {key:18} {figure(figures, key):.4f}  ceiling {ceiling:.4f}{'  OVER' if over else ''}")
            if over:
                fallen.append(f"{name} {key}")
        print(f"  {json.dumps(figures)}", flush=True)
        if options.lift:
            row["digest"] = digest
            row["floors"] = {
                key: max(floor, round(figure(figures, key) - NOISE, 3))
                for key, floor in row["floors"].items()
            }
    if options.lift:
        FLOORS.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    print(f"Under the floor: {', '.join(fallen)}" if fallen else "Every floor holds.")
    return 1 if fallen else 0


def figure(figures: dict[str, Any], name: str) -> float:
    """Return a figure by its name; "press.precision" is one within another."""
    found: Any = figures
    for part in name.split("."):
        found = found[part]
    return float(found)


def digest_of(paths: list[Path]) -> str:
    """Return a digest of files, or of every file in folders, names included."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
