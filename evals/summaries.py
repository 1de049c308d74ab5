"""Briefs of three publishers' leads against an editor's neutral roundup:  python -m evals.summaries PATH [--words N] [--json]

PATH holds stories in JSON Lines: `articles` ({title, text} of three publishers) and the editor's `roundup` ({title, text}).  Each story is
summarised by the product's own summary in as many words as its three leads have on average (--words: in N words).  At the
same budget: the lead of each publisher and TextRank.  Every text, ours too, is cut at the budget, in mid-sentence if need be.

rouge1, rouge2, rougeL: F1 against the roundup, unstemmed, the mean over stories, 0 where nothing is shown.  `supported` is the share
of shown sentences whose citation's words are those of the source.  Intervals are 95 % bootstrap intervals over stories.  Times
are of one core: `article_p95_ms` an article's summaries and key points together, `story_ms` the brief of 30 articles of about
600 words, each made of other stories' leads.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evals.articles import article_of, interval, rows_of
from evals.rouge import rouge_l, rouge_n, rouge_tokens
from tidings.app import key_points, source_of, split_sentences, summary
from tidings.model import Claim, Source

AT = "2020-01-01"
MEASURES = ("rouge1", "rouge2", "rougeL")
DAMPING = 0.85
TIMED_STORIES, STORY_ARTICLES, ARTICLE_LEADS = 10, 30, 10
Scores = tuple[float, float, float]
Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.summaries",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path)
    parser.add_argument(
        "--words", type=int, help="the budget of every story, instead of its leads' mean length"
    )
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    stories = stories_of(options.path)
    figures = figures_of(stories, words=options.words) | timings(stories)
    if not options.json:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    print(json.dumps(figures))


@dataclass(frozen=True, slots=True)
class RoundedUp:
    """A story as three publishers lead with it and as an editor sums it up."""

    sources: tuple[Source, ...]
    roundup: str

    @property
    def leads(self) -> list[str]:
        return [" ".join(source.paragraphs) for source in self.sources]

    @property
    def words(self) -> int:
        return round(sum(len(lead.split()) for lead in self.leads) / len(self.leads))


def stories_of(path: Path) -> list[RoundedUp]:
    """Return the stories of a file."""
    return [
        RoundedUp(
            tuple(
                source_of(article_of({**article, "published": AT, "language": "en"}, 3 * number + i))
                for i, article in enumerate(row["articles"])
            ),
            row["roundup"]["text"],
        )
        for number, row in enumerate(rows_of(path))
    ]


def figures_of(stories: Sequence[RoundedUp], *, words: int | None = None) -> Figures:
    """Return the scores of the brief, then those of the baselines under their names."""
    budgets = [words or story.words for story in stories]
    briefs = [summary(story.sources, words=budget) for story, budget in zip(stories, budgets, strict=True)]
    texts = [brief_text(brief, budget) for brief, budget in zip(briefs, budgets, strict=True)]
    figures = scored(stories, texts)
    shown = [(claim, story) for brief, story in zip(briefs, stories, strict=True) for claim in brief]
    figures["supported"] = round(sum(is_supported(*one) for one in shown) / max(1, len(shown)), 4)
    figures["sentences"] = len(shown)
    figures["mean_budget"] = round(float(np.mean(budgets)), 1)
    shows: Mapping[str, Callable[[RoundedUp, int], str]] = {
        **{f"lead{i + 1}": lambda story, budget, i=i: _cut(story.leads[i], budget) for i in range(3)},
        "textrank": textrank,
    }
    for name, show in shows.items():
        texts = [show(story, budget) for story, budget in zip(stories, budgets, strict=True)]
        figures |= {f"{name}_{key}": value for key, value in scored(stories, texts).items() if key != "n"}
    for measure in MEASURES:
        leads = [figures[f"lead{i}_{measure}"] for i in (1, 2, 3)]
        figures[f"leads_mean_{measure}"] = round(sum(leads) / 3, 4)
        figures[f"leads_best_{measure}"] = max(leads)
    return figures


def scored(stories: Sequence[RoundedUp], texts: Sequence[str]) -> Figures:
    """Return the mean scores of a text for each story, with their intervals."""
    scores = [score(text, story.roundup) for text, story in zip(texts, stories, strict=True)]
    figures: Figures = {"n": len(scores)}
    for i, name in enumerate(MEASURES):
        column = [its[i] for its in scores]
        figures[name] = round(_mean(column), 4)
        figures[f"{name}_interval"] = interval(column, _mean)
    figures["answered"] = round(sum(map(bool, texts)) / len(texts), 4)
    figures["mean_words"] = round(_mean([len(text.split()) for text in texts]), 1)
    return figures


def score(text: str, reference: str) -> Scores:
    """Return ROUGE-1, -2 and -L F1 of a text."""
    shown, wanted = rouge_tokens(text), rouge_tokens(reference)
    return rouge_n(shown, wanted, 1), rouge_n(shown, wanted, 2), rouge_l(shown, wanted)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def is_supported(claim: Claim, story: RoundedUp) -> bool:
    """Whether a claim's words are those of its one citation, and these stand where it says in the source it names."""
    sources = {source.article_id: source for source in story.sources}
    return len(claim.citations) == 1 and all(
        claim.text == cited.words == sources[cited.article_id].text(cited.paragraph)[cited.start : cited.end]
        for cited in claim.citations
    )


def brief_text(brief: Sequence[Claim], words: int) -> str:
    """Return a brief as one text, cut at its budget."""
    return _cut(" ".join(claim.text for claim in brief), words)


def _cut(text: str, words: int) -> str:
    return " ".join(text.split()[:words])


# ── TextRank ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def textrank(story: RoundedUp, words: int) -> str:
    """Return the sentences of highest rank, in the order of their texts, cut at a budget (Mihalcea & Tarau 2004).

    Two sentences are as near as they share words, over the logarithms of their lengths.  The sentence that exceeds the budget is
    taken and the text cut, which favours it over whole sentences.
    """
    sentences = [s for lead in story.leads for s in split_sentences(lead, "en")]
    ranks = _ranks([set(rouge_tokens(s)) for s in sentences])
    chosen: list[int] = []
    for i in sorted(range(len(sentences)), key=lambda i: -ranks[i]):
        chosen.append(i)
        if sum(len(sentences[i].split()) for i in chosen) >= words:
            break
    return _cut(" ".join(sentences[i] for i in sorted(chosen)), words)


def _ranks(sentences: Sequence[set[str]]) -> list[float]:
    n = len(sentences)
    near = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            size = math.log(max(1, len(sentences[i]))) + math.log(max(1, len(sentences[j])))
            near[i, j] = near[j, i] = len(sentences[i] & sentences[j]) / size if size else 0.0
    steps = near / np.maximum(near.sum(axis=1, keepdims=True), 1e-9)
    ranks = np.full(n, 1.0 / max(1, n))
    for _ in range(50):
        ranks = (1 - DAMPING) / max(1, n) + DAMPING * steps.T @ ranks
    return [float(rank) for rank in ranks]


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def timings(stories: Sequence[RoundedUp]) -> Figures:
    """Return what an article's features and a story's brief take, in milliseconds."""
    leads = [source for story in stories for source in story.sources if source.paragraphs]
    articles = [
        _joined(leads[i : i + ARTICLE_LEADS])
        for i in range(0, min(len(leads), TIMED_STORIES * STORY_ARTICLES * ARTICLE_LEADS), ARTICLE_LEADS)
    ]
    of_article, of_story = [], []
    for article in articles:
        started = time.process_time()
        for words in (25, 60, 150):
            summary((article,), words=words)
        key_points(article)
        of_article.append(time.process_time() - started)
    for i in range(0, max(1, len(articles) - STORY_ARTICLES + 1), STORY_ARTICLES):
        started = time.process_time()
        summary(articles[i : i + STORY_ARTICLES], words=150)
        of_story.append(time.process_time() - started)
    return {
        "article_p95_ms": round(1000 * float(np.quantile(of_article, 0.95)), 1),
        "story_ms": round(1000 * float(np.median(of_story)), 1),
        "timed_words": round(_mean([len(" ".join(a.paragraphs).split()) for a in articles])),
    }


def _joined(sources: Sequence[Source]) -> Source:
    row = {
        "title": sources[0].headline,
        "text": "\n".join(p for s in sources for p in s.paragraphs),
        "published": AT,
    }
    return source_of(article_of(row, sources[0].article_id))


if __name__ == "__main__":
    main()
