"""Which report stands for a story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.model import LeadCandidate
from tidings.stories.genre import genre_of
from tidings.stories.lead import choose_lead

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def report(article_id: int, *direction: float, hours: float = 0.0, **given: Any) -> LeadCandidate:
    vector = np.array(direction or (1.0, 0.0), dtype=np.float32)
    vector /= np.linalg.norm(vector) or 1.0
    return LeadCandidate(
        **{
            "article_id": article_id,
            "at": NOON + timedelta(hours=hours),
            "dated": True,
            "headline": "Tunnel opens",
            "section": None,
            "url": "https://courier.example/news/tunnel",
            "language": "en",
            "access": "open",
            "word_count": 300,
            "copy_count": 0,
            "has_dateline": False,
            "model": "m",
            "headline_vector": vector,
            "body_vector": vector,
        }
        | given
    )


def test_the_report_that_tells_what_the_others_tell_stands_for_the_story() -> None:
    central = [report(n, 1.0, 0.1 * n, hours=n) for n in (1, 2, 3)]
    aside = report(9, 0.2, 1.0, hours=8)
    assert choose_lead([*central, aside], None) in (1, 2, 3)
    assert choose_lead([aside], None) == 9


@pytest.mark.parametrize(
    "worse",
    [
        {"section": "Opinion"},
        {"headline": "Live: tunnel opens"},
        {"access": "paywall"},
        {"word_count": 40},
        {"language": "ko"},
        {"dated": False},
    ],
)
def test_what_is_no_whole_report_stands_for_a_story_only_when_there_is_no_other(
    worse: dict[str, Any],
) -> None:
    plain = [report(1), report(2, hours=1)]
    assert choose_lead([*plain, report(3, hours=30, **worse)], 3) in (1, 2)
    assert choose_lead([report(3, **worse)], None) == 3


def test_of_two_alike_the_newer_one_takes_over_when_it_is_much_newer() -> None:
    assert choose_lead([report(1), report(2, hours=5)], 1) == 1
    assert choose_lead([report(1), report(2, hours=72)], 1) == 2
    assert choose_lead([report(1), report(2, hours=5)], None) == 2


def test_a_story_is_told_in_the_language_of_most_of_its_articles_copies_among_them() -> None:
    korean = [report(n, language="ko", hours=n) for n in (1, 2)]
    assert choose_lead([*korean, report(3, copy_count=2), report(4, hours=9)], None) in (3, 4)
    assert choose_lead([*korean, report(3), report(4, hours=9)], None) in (1, 2)


def test_the_lead_does_not_change_with_every_arrival() -> None:
    told: list[LeadCandidate] = []
    lead: int | None = None
    leads = []
    for n in range(1, 25):
        told.append(report(n, 1.0, 0.05 * (n % 3), hours=n))
        lead = choose_lead(told, lead)
        leads.append(lead)
    assert len(set(leads)) <= 2


def test_a_lead_that_left_its_story_is_chosen_anew() -> None:
    assert choose_lead([report(1), report(2, hours=1)], 99) == 2


@given(
    st.lists(
        st.builds(
            report,
            st.integers(1, 9),
            st.floats(-1, 1),
            st.floats(-1, 1),
            hours=st.floats(0, 500),
            model=st.sampled_from(("m", "n", None)),
            section=st.sampled_from((None, "Opinion")),
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda c: c.article_id,
    ),
    st.none() | st.integers(1, 9),
)
def test_a_lead_is_one_of_the_candidates_and_stays_when_nothing_changes(
    candidates: list[LeadCandidate], current: int | None
) -> None:
    chosen = choose_lead(candidates, current)
    assert chosen in {c.article_id for c in candidates}
    assert choose_lead(candidates, chosen) == chosen
    assert choose_lead(candidates[::-1], chosen) == chosen


# ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "genre"),
    [
        ({"headline": "Tunnel opens"}, "news"),
        ({"headline": "Opinion: the tunnel nobody asked for"}, "comment"),
        ({"headline": "The tunnel nobody asked for | Comment"}, "comment"),
        ({"headline": "Harbour tunnel – live"}, "live"),
        ({"headline": "Council live on stage"}, "news"),
        ({"headline": "[사설] 터널이 남긴 것"}, "comment"),
        ({"headline": "【社説】トンネル"}, "comment"),
        ({"headline": "x", "section": "MEINUNG"}, "comment"),
        ({"headline": "x", "section": "Commentisfree"}, "comment"),
        ({"headline": "x", "url": "https://a.example/opinion/2026/x.html"}, "comment"),
        ({"headline": "x", "url": "https://a.example/news/live/x"}, "live"),
        ({"headline": "x", "url": "https://a.example/news/live"}, "news"),
        ({"headline": "x", "url": "urn:tidings:text:7"}, "news"),
        ({"headline": "", "url": "https://[broken/opinion/x"}, "news"),
    ],
)
def test_a_text_is_what_its_publisher_calls_it(given: dict[str, str], genre: str) -> None:
    assert genre_of(**given) == genre


@given(st.text(), st.text(), st.text())
def test_any_label_is_read(headline: str, section: str, url: str) -> None:
    assert genre_of(headline=headline, section=section, url=url) in ("news", "comment", "live")
