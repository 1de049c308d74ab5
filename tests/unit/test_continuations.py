"""A story that sleeps and comes back, and what only sounds like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from stories_texts import ELECTION, FLOOD_OWN, FLOOD_WIRE, TUNNEL, article, described

from tidings.stories.continuations import continuation_of

FLOOD_INQUIRY = """\
The gauge at the glacier lake above Skarholt had no power for nineteen days before the lake burst, an inquiry said on Thursday.
Three people died when the lake at the foot of the Kaldbrae glacier emptied itself into the lower town. Liv Carrow, who led the \
national emergency agency, gave up her post.
Mayor Gunnvor Askill said the siren on the fire station would have saved lives. Engineers had asked for a second gauge at the \
Kaldbrae lake four years ago.
Prime Minister Oskar Lindqvane promised Skarholt 40 million crowns for a new warning system."""

OTHER_FLOOD = """\
Heavy rain flooded cellars in Port Elin on Thursday, and the fire brigade was called out ninety times, the city said.
Nobody was hurt. Trams stood still for an hour on the harbour line. Ines Marrow, who leads the city's traffic committee, said \
that the drains of the old town were too narrow."""


def test_a_follow_up_after_days_continues_the_story_it_tells_on_and_no_other() -> None:
    wire, own, tunnel, election, inquiry, rain = described(
        [
            article(1, "Glacier lake bursts above Skarholt, three dead", FLOOD_WIRE),
            article(2, "No warning before the wall of water in Skarholt", FLOOD_OWN, hours=3),
            article(3, "Harbour tunnel opens eleven months late", TUNNEL),
            article(4, "Swimmer among nine candidates for athletes' commission", ELECTION),
            article(5, "Inquiry finds lake gauge above Skarholt had no power", FLOOD_INQUIRY, hours=240),
            article(6, "Cellars under water in Port Elin", OTHER_FLOOD, hours=240),
        ]
    )
    quiet = [(3, tunnel), (4, election), (1, wire), (1, own)]
    found = continuation_of(5, [inquiry], quiet)
    assert found is not None
    assert (found.story_id, found.earlier_id, found.made_by) == (5, 1, "continue/1")
    assert continuation_of(5, [inquiry], [(3, tunnel), (4, election)]) is None
    assert continuation_of(6, [rain], quiet) is None
    assert continuation_of(5, [inquiry], []) is None


def test_without_a_date_nobody_knows_what_came_after_what() -> None:
    wire, own = described(
        [
            article(1, "Glacier lake bursts above Skarholt, three dead", FLOOD_WIRE),
            article(2, "Glacier lake bursts above Skarholt, three dead", FLOOD_WIRE, hours=240),
        ]
    )
    assert continuation_of(2, [own], [(1, wire)]) is not None
    assert continuation_of(2, [replace(own, dated=False)], [(1, wire)]) is None
    assert (
        continuation_of(2, [own], [(1, replace(wire, dated=False, at=wire.at - timedelta(days=3)))]) is None
    )
