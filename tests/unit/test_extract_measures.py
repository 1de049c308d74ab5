"""The extraction eval's measures, on counts that can be done by hand; and the sample press read as its truth has it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tidings.extract import PageExtractor
from tidings.model import Page

pytest.importorskip("tidings.app", reason="the eval enters through tidings.app")

from evals import extraction as eval_of
from sample.pages import render_article
from sample.press import load_press


def test_shingles_count_runs_of_four_words_and_short_texts_as_one() -> None:
    assert eval_of.shingle_counts({"text": "a b c d e"}, "a b c d e") == (1.0, 0.0, 0.0)
    assert eval_of.shingle_counts({"text": "a b c d e"}, "a b c d x") == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert eval_of.shingle_counts({"text": "a b"}, "a b") == (1.0, 0.0, 0.0)
    assert eval_of.shingle_counts({"text": "a b"}, "") == (0.0, 0.0, 1.0)
    assert eval_of.shingle_counts({"text": ""}, "") == (0.0, 0.0, 0.0)


def test_segments_are_found_whatever_the_white_space() -> None:
    row = {"with": ["one  two", "missing"], "without": ["bad", "worse"]}
    assert eval_of.segment_counts(row, "x one\ntwo y bad") == (1, 1, 1)


def test_precision_and_recall_are_means_over_pages_or_sums_over_segments() -> None:
    counts = [(1.0, 0.0, 0.0), (0.5, 0.5, 0.0)]
    assert eval_of.mean_of_pages(counts) == (0.75, 1.0)
    assert eval_of.over_segments([(3, 1, 0), (1, 0, 4)]) == (0.8, 0.5)
    assert eval_of.f1(0.5, 1.0) == pytest.approx(2 / 3)
    assert eval_of.f1(0.0, 0.0) == 0.0
    assert eval_of.mean_of_pages([(0.0, 0.0, 0.0)]) == (1.0, 1.0)


def test_an_interval_holds_the_figure_and_repeats() -> None:
    counts = [(1.0, 0.0, 0.0)] * 30 + [(0.5, 0.25, 0.25)] * 10
    low, high = eval_of.interval(counts, eval_of.mean_of_pages)
    assert low <= eval_of.f1(*eval_of.mean_of_pages(counts)) <= high
    assert eval_of.interval(counts, eval_of.mean_of_pages) == [low, high]


def test_a_file_of_pages_gives_an_outcome_each(tmp_path: Path) -> None:
    text = "The harbour board said on Monday that the tunnel would open in spring, at a cost of forty million crowns."
    pages = {
        "good": f"<html><body><article><p>{text}</p><p>{text.replace('board', 'master')}</p></article>",
        "empty": "<p>",
    }
    rows = []
    for name, page in pages.items():
        (tmp_path / f"{name}.html.gz").write_bytes(gzip.compress(page.encode()))
        rows.append({"id": name, "html": f"{name}.html.gz", "url": "https://a.example/x", "text": text})
    path = tmp_path / "pages.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    good, empty = eval_of.outcomes(path)
    assert (good.reason, empty.reason) == (None, "empty")
    assert empty.body_counts == (0.0, 0.0, 1.0)
    assert good.body_counts[2] == 0.0


# ── the sample press ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_open_page_of_the_sample_press_is_read_as_its_truth_has_it() -> None:
    press = load_press()
    start = datetime(2026, 3, 6, 12, tzinfo=UTC)
    now = start + timedelta(days=1)
    read = 0
    for name, edition in press.at(start, now).items():
        publisher = press.publishers[name]
        base = f"http://{publisher.host}:{publisher.port}"
        for shown in edition:
            if shown.article.access == "consent":
                continue
            body = render_article(shown, edition, base=base, now=now, feeds=()).encode(
                publisher.charset, "xmlcharrefreplace"
            )
            page = Page(
                url=base + shown.article.path,
                final_url=base + shown.article.path,
                status=200,
                headers={"content-type": f"text/html; charset={publisher.charset}"},
                body=body,
                fetched_at=now,
                digest=b"",
            )
            article = PageExtractor().extract(page, None)
            text = "\n".join(article.paragraphs)
            assert article.headline == shown.headline, shown.article.id
            assert article.standfirst == shown.standfirst, shown.article.id
            assert article.access == shown.article.access, shown.article.id
            assert article.language == publisher.language, shown.article.id
            assert article.published_at is not None, shown.article.id
            for paragraph in shown.paragraphs[: shown.article.open_paragraphs]:
                assert paragraph in text, shown.article.id
            read += 1
    assert read >= 90
