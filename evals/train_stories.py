"""Learn when an article joins a story:  python -m evals.train_stories DATA [--write] [--folds N]

DATA is a folder with stories/allsides.jsonl.gz, stories/uci_headlines.jsonl and corpus/allsides.jsonl.gz; the sample press
is learned from too.  The labelled streams pass through a Window that decides by the weights so far, and each article is
compared with the stories that it met there: its own is the one in which most articles are of its story.  A logistic
regression of this, its weights bounded to the sign that each fact must have, gives the next weights (imitation with the
learner's own mistakes on the way, Ross, Gordon and Bagnell 2011); the bias is then the one that gives the streams the best F1.  With --write the weights become
src/tidings/stories/decision.json.  With --folds the weights are learned N times without the facts of one share of the stories, and
BCubed F1 is shown on the stories left out.  Needs scipy (pip install -e '.[train]').

The set "english text" that ships is not what comes out here but the best of a small grid around it (docs/design/clustering.md).
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from evals.articles import f1, press_rows, rows_of
from evals.learning import bounded_fit, likely, write_weights
from evals.stories import bcubed, means, placements, streamed
from evals.vectors import KeptVectors, kept_english
from tidings.app import FACTS, MEETINGS, Decision, Meetings, Window, describe, learned_decisions
from tidings.model import Description

ROUNDS = 3
STRANGERS = 12  # stories of others that an article is compared with
PULL = 1.0  # of the regression towards zero
BACKGROUND = 3  # each third unlabelled article is streamed in too, so that a lead means what it means in use
SHIFTS = (-0.3, -0.15, 0.0, 0.15, 0.3)  # of the bias, tried on the streams themselves
# The sign that a weight may have, and how far time may part: what is told four days later is often the same affair still,
# though in the labelled headlines, of 36 hours, no story sleeps.
BOUNDS = {
    **dict.fromkeys(("words", "names", "headline", "body", "english", "lead"), (0.0, None)),
    "age": (-3.0, 0.0),
    "middle": (-3.0, 0.0),
    "bias": (None, None),
}
OUTPUT = Path(__file__).parents[1] / "src" / "tidings" / "stories" / "decision.json"


@dataclass(frozen=True)
class Stream:
    """Described articles in the order of time, the story of those that are labelled, and what each of their facts counts.

    meetings: those that it teaches.
    """

    name: str
    meetings: tuple[str, ...]
    descriptions: Sequence[Description]
    story_of: Mapping[int, str]
    weight: float


@dataclass
class Lessons:
    """What the articles met: facts, whether the story was theirs, the meeting, the weight."""

    facts: list[np.ndarray] = field(default_factory=list)
    belongs: list[bool] = field(default_factory=list)
    meetings: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.train_stories", description=__doc__.splitlines()[0]
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="keep the weights in decision.json")
    parser.add_argument("--folds", type=int, default=0, help="cross-validate by story")
    options = parser.parse_args()
    streams = list(_streams(options.data))
    for fold in range(options.folds):
        unseen = lambda story, fold=fold: zlib.crc32(story.encode()) % options.folds == fold  # noqa: E731
        learned = learn([_without(stream, unseen) for stream in streams])
        _show(f"fold {fold}", streams, learned, only=unseen)
    learned = learn(streams)
    _show("all, seen", streams, learned)
    weights = {
        meeting: {fact: round(float(w), 2) for fact, w in zip(FACTS, decision.weights, strict=True) if w}
        for meeting, decision in learned.items()
    }
    if options.write:
        write_weights(OUTPUT, weights)
    print(json.dumps(weights))


def _streams(data: Path) -> Iterable[Stream]:
    """Yield the labelled streams, each with and without what the English embedder reads: so other languages are learned too."""
    background = list(rows_of(data / "corpus" / "allsides.jsonl.gz"))[::BACKGROUND]
    sets = [
        ("allsides", list(rows_of(data / "stories" / "allsides.jsonl.gz")), [], 0.5),
        ("allsides with background", list(rows_of(data / "stories" / "allsides.jsonl.gz")), background, 0.5),
        ("headlines", list(rows_of(data / "stories" / "uci_headlines.jsonl")), [], 1.0),
        ("press", press_rows(), [], 3.0),
    ]
    embedder, english = KeptVectors(), kept_english()
    for name, rows, others, weight in sets:
        story_of = {number: row["story"] for number, row in enumerate(rows, 1)}
        articles = streamed(rows, others)
        described = [
            d
            for start in range(0, len(articles), 200)
            for d in describe(articles[start : start + 200], embedder, english)
        ]
        # Headlines of five words are taken for another language now and then: that teaches nothing about languages.
        kind, apart = ("headlines", ()) if name == "headlines" else ("text", ("across",) * (name == "press"))
        yield Stream(name, (f"english {kind}", *apart), described, story_of, weight)
        if not others:
            plain = [replace(d, english_vector=None, english_model=None) for d in described]
            yield Stream(f"{name}, not read as English", (kind, *apart), plain, story_of, weight)


def _without(stream: Stream, unseen: Callable[[str], bool]) -> Stream:
    """Return a stream whose stories left out are there, but teach nothing."""
    story_of = {number: story for number, story in stream.story_of.items() if not unseen(story)}
    return replace(stream, story_of=story_of)


def learn(streams: Sequence[Stream]) -> dict[str, Decision]:
    """Return the decisions learned from some streams, starting from those in use."""
    learned = dict(learned_decisions())
    lessons = Lessons()
    for _ in range(ROUNDS):
        for stream in streams:
            _attend(stream, learned, lessons)
        learned = {meeting: _fitted(lessons, meeting) or learned[meeting] for meeting in MEETINGS}
    return _shifted(streams, learned)


def _shifted(streams: Sequence[Stream], learned: dict[str, Decision]) -> dict[str, Decision]:
    """Return the decisions with the bias that gives the streams the best mean F1: a regression weighs pairs, not stories."""
    for meeting in MEETINGS:
        taught = [stream for stream in streams if meeting in stream.meetings]
        tried = [learned | {meeting: learned[meeting].moved(shift)} for shift in SHIFTS]
        learned = max(
            tried, key=lambda decisions: np.mean([f1(*_placed(stream, decisions)) for stream in taught])
        )
    return learned


def _placed(
    stream: Stream, decisions: Mapping[str, Decision], *, only: Callable[[str], bool] | None = None
) -> tuple[float, float]:
    """Return the BCubed precision and recall of a stream, over the stories that `only` lets pass."""
    placed, _ = placements(stream.descriptions, Window(decisions=decisions))
    scores = bcubed({n: placed[n] for n in stream.story_of}, stream.story_of).values()
    return means([s for s in scores if only is None or only(s.story)])


def _attend(stream: Stream, decisions: Mapping[str, Decision], lessons: Lessons) -> None:
    """Add what the labelled articles of a stream meet under these decisions."""

    def note(met: Meetings) -> None:
        story = stream.story_of.get(met.article_id)
        if story is None:
            return
        most = [Counter(stream.story_of[n] for n in told if n in stream.story_of) for told in met.stories]
        own = [i for i, counted in enumerate(most) if counted and counted.most_common(1)[0][0] == story]
        others = [i for i, counted in enumerate(most) if counted and i not in own]
        nearness = met.facts[:, :5].sum(axis=1)
        for i in [*own, *sorted(others, key=lambda i: -nearness[i])[:STRANGERS]]:
            if met.meetings[i] not in stream.meetings:
                continue
            lessons.facts.append(met.facts[i])
            lessons.belongs.append(i in own)
            lessons.meetings.append(met.meetings[i])
            lessons.weights.append(stream.weight)

    placements(stream.descriptions, Window(decisions=decisions, observe=note))


def _fitted(lessons: Lessons, meeting: str) -> Decision | None:
    """Return the logistic regression of one meeting's lessons; None when there are too few to learn from."""
    of_it = np.array([m == meeting for m in lessons.meetings])
    belongs = np.array(lessons.belongs, dtype=float)[of_it]
    if belongs.sum() < 10:
        return None
    facts = np.array(lessons.facts)[of_it]
    counts = np.array(lessons.weights)[of_it]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = facts @ weights
        told = (counts * (np.logaddexp(0.0, scores) - belongs * scores)).sum()
        return told, facts.T @ (counts * (likely(scores) - belongs))

    return Decision(bounded_fit(loss, FACTS, BOUNDS, pull=PULL))


def _show(
    title: str,
    streams: Sequence[Stream],
    learned: Mapping[str, Decision],
    *,
    only: Callable[[str], bool] | None = None,
) -> None:
    for stream in streams:
        precision, recall = _placed(stream, learned, only=only)
        print(
            f"{title:12} {stream.name:32} F1 {f1(precision, recall):.4f}  "
            f"precision {precision:.4f}  recall {recall:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
