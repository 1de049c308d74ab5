"""What readers ask of the sample press, answered:  python -m evals.asking press [--json] [--worst]

The questions of sample/questions.toml, each asked as it stands of the whole press, loaded into one fresh instance and placed in
stories: those that it answers, with words of which a right answer holds one, and those that nothing in it answers.

found is the share of answerable questions for which an article with such words is among those that search finds; right the share
answered with them, wrong answered without, near refused though the nearest passages hold them.  refused is the share of the
others that are refused.  No weight was learned from these questions, but what went wrong with them was looked at and mended: they
show that it stays mended, not how unseen questions fare.
Intervals are 95 % bootstrap intervals over questions.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from evals.press import press_articles
from evals.questions import ASKED_AT, SEARCHED, holds, interval, mean
from evals.vectors import KeptVectors, kept_english
from tidings.app import Tidings, answer, open_scratch

QUESTIONS = Path(__file__).parents[1] / "sample" / "questions.toml"


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the words that answer it, whether search found them, whether the archive was said to answer, what was shown."""

    asked: str
    answers: tuple[str, ...]
    is_found: bool
    says: bool
    confidence: float
    shown: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return any(holds(words, wanted) for words in self.shown for wanted in self.answers)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.asking", description=__doc__.splitlines()[0])
    parser.add_argument("path", choices=["press"])
    parser.add_argument("--json", action="store_true", help="print only the JSON object")
    parser.add_argument("--worst", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    questions = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"]
    with open_scratch(embedder=KeptVectors(), english=kept_english()) as tidings:
        rows = [
            {
                "title": one.article.extract.headline,
                "text": "\n\n".join(one.article.extract.paragraphs),
                "url": one.article.url,
                "publisher": one.article.publisher.name,
                "published": one.article.first_seen_at.isoformat(),
            }
            for one in press_articles()
        ]
        tidings.load_texts(rows)
        tidings.searcher.refresh()
        answered = [ask(tidings, row["asked"], tuple(row["answers"])) for row in questions]
    if options.worst:
        for one in answered:
            if one.says != bool(one.answers) or (one.answers and not one.is_right):
                print(
                    f"{one.asked}  {one.answers}  says {one.says} ({one.confidence:.2f}) found {one.is_found}"
                )
                for words in one.shown:
                    print(f"    {words}")
    figures = figures_of(answered)
    if not options.json:
        for key, figure in figures.items():
            print(f"{key:28} {figure}")
    print(json.dumps(figures))


def ask(tidings: Tidings, question: str, answers: tuple[str, ...]) -> Answered:
    """Ask the press."""
    found = tidings.assistant.found(question, limit=SEARCHED)
    reply = answer(
        question,
        found,
        asked_at=ASKED_AT,
        meanings=tidings.embedder.embed,
        english=tidings.english.embed if tidings.english else None,
    )
    cited = [citation for claim in reply.claims for citation in claim.citations] or list(reply.nearest)
    texts = [" ".join((one.source.headline, *one.source.paragraphs)) for one in found]
    return Answered(
        question,
        answers,
        any(holds(text, wanted) for text in texts for wanted in answers),
        reply.says,
        reply.confidence,
        tuple(citation.words for citation in cited),
    )


def figures_of(answered: list[Answered]) -> dict[str, object]:
    """Return the shares, with intervals."""
    known = [one for one in answered if one.answers]
    unknown = [one for one in answered if not one.answers]
    shares = {
        "found": [float(one.is_found) for one in known],
        "right": [float(one.says and one.is_right) for one in known],
        "wrong": [float(one.says and not one.is_right) for one in known],
        "near": [float(not one.says and one.is_right) for one in known],
        "refused": [float(not one.says) for one in unknown],
    }
    figures: dict[str, object] = {"n": len(known), "refusal_n": len(unknown)}
    for name, each in shares.items():
        figures[name] = mean(each)
        figures[f"{name}_interval"] = interval(each)
    return figures


if __name__ == "__main__":
    main()
