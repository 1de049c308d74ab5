"""A calibration curve as an SVG that reads on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence

BINS = 10
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 480, 340, 52, 44, 12, 12

_STYLE = """\
text{font:12px system-ui,sans-serif;fill:#57606a}
.axis{stroke:#8c959f;stroke-width:1}
.even{stroke:#8c959f;stroke-width:1;stroke-dasharray:4 4}
.curve{fill:none;stroke:#0a5f8a;stroke-width:2}
.spread{stroke:#0a5f8a;stroke-width:1.5}
.mean{fill:#0a5f8a}
@media(prefers-color-scheme:dark){text{fill:#9da7b3}.axis,.even{stroke:#6e7681}.curve,.spread{stroke:#6cb6e0}.mean{fill:#6cb6e0}}"""


def calibration_curve(similarities: Sequence[float], judgements: Sequence[float]) -> str:
    """Return the curve: for each tenth of the similarity the mean judgement with its 95 % interval; both lie in 0 to 1."""
    points: list[tuple[float, float, float, int]] = []  # mean similarity, mean judgement, half an interval, n
    for number in range(BINS):
        inside = [
            (similar, judged)
            for similar, judged in zip(similarities, judgements, strict=True)
            if number == min(BINS - 1, int(similar * BINS))
        ]
        if len(inside) < 2:
            continue
        n = len(inside)
        mean = sum(judged for _, judged in inside) / n
        spread = math.sqrt(sum((judged - mean) ** 2 for _, judged in inside) / (n - 1))
        points.append((sum(similar for similar, _ in inside) / n, mean, 1.96 * spread / math.sqrt(n), n))
    return _svg(points)


def _svg(points: Sequence[tuple[float, float, float, int]]) -> str:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">',
        '<title id="t">Similarity against people\'s judgement: mean and 95 % interval of each tenth</title>',
        f"<style>{_STYLE}</style>",
        f'<path class="axis" fill="none" d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}"/>',
        f'<path class="even" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>',
    ]
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        lines.append(f'<text x="{_x(tick)}" y="{_y(0) + 16}" text-anchor="middle">{tick:.1f}</text>')
        lines.append(f'<text x="{_x(0) - 6}" y="{_y(tick) + 4}" text-anchor="end">{tick:.1f}</text>')
    lines.append(f'<text x="{_x(0.5)}" y="{HEIGHT - 6}" text-anchor="middle">similarity</text>')
    middle = f'x="14" y="{_y(0.5)}" text-anchor="middle" transform="rotate(-90 14 {_y(0.5)})"'
    lines.append(f"<text {middle}>judged by people</text>")
    path = "L".join(f"{_x(similar)} {_y(judged)}" for similar, judged, _, _ in points)
    lines.append(f'<path class="curve" d="M{path}"/>')
    for similar, judged, half, n in points:
        low, high = max(0.0, judged - half), min(1.0, judged + half)
        lines.append(f'<path class="spread" d="M{_x(similar)} {_y(low)}V{_y(high)}"/>')
        lines.append(f'<circle class="mean" cx="{_x(similar)}" cy="{_y(judged)}" r="3.5"/>')
        lines.append(f'<text x="{_x(similar) + 6}" y="{_y(judged) + 15}">{n}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)
