"""Invented articles for the tests of stories/, described with the real embedder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tidings.embed import MiniLmEmbedder, UsemEmbedder
from tidings.model import Article, Description, Extract, Publisher
from tidings.stories.describe import describe

EMBEDDER = UsemEmbedder()
ENGLISH = MiniLmEmbedder()
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def article(
    article_id: int,
    headline: str,
    text: str = "",
    *,
    publisher: str = "The Harbour Courier",
    hours: float | None = 0.0,
    language: str | None = "en",
    standfirst: str | None = None,
    byline: tuple[str, ...] = (),
    dateline: str | None = None,
) -> Article:
    """Return an article `hours` after the start (None: the publisher gave no time)."""
    at = None if hours is None else START + timedelta(hours=hours)
    return Article(
        id=article_id,
        publisher=Publisher(sum(publisher.encode()), publisher, None),
        url=f"https://press.example/{article_id}",
        extract=Extract(
            headline=headline,
            paragraphs=tuple(p for p in text.split("\n") if p),
            made_by="test",
            standfirst=standfirst,
            byline=byline,
            dateline=dateline,
            published_at=at,
            language=language,
        ),
        revision=1,
        text_digest=b"",
        first_seen_at=at or START,
        last_changed_at=at or START,
    )


def described(articles: Sequence[Article]) -> list[Description]:
    return describe(articles, EMBEDDER, ENGLISH)


FLOOD_WIRE = """\
SKARHOLT (CW) - A lake dammed by a glacier burst above the northern town of Skarholt early on Monday, killing three people \
and forcing 640 residents from their homes, officials said.
Two people were still missing by the afternoon, according to the national emergency agency, which sent 120 rescuers and two \
helicopters to the valley, about 410 kilometres north of the capital, Varga.
"We are searching by hand because the ground will not carry machines," said Liv Carrow, the agency's director. She said the \
third body was found shortly before noon beneath the remains of a sawmill.
The lake, at the foot of the Kaldbrae glacier, released an estimated nine million cubic metres of water in under two hours, the \
Northern Institute of Ice Research said. The flood reached the town 25 minutes after the moraine gave way.
Mayor Gunnvor Askill said the town's siren had not sounded. Carrow said the cause of the failure was being examined.
Prime Minister Oskar Lindqvane cut short a visit to the south and was expected in Skarholt on Tuesday."""

FLOOD_OWN = """\
The people of Skarholt were given no warning before a wall of water and ice tore through the lower town on Monday, killing at \
least three of them.
Mayor Gunnvor Askill told this newspaper that the siren on the fire station stayed silent as Kaldbrae's glacier lake emptied \
itself into the river. "We woke to the noise of the sawmill going," she said.
Emergency workers under Liv Carrow searched the mud with their hands for two missing residents. Oskar Lindqvane, the prime \
minister, will visit Skarholt on Tuesday and has promised 40 million crowns.
Engineers had asked for a second gauge at the lake four years ago, documents seen by this newspaper show."""

TUNNEL = """\
The tunnel under the harbour of Port Elin will open eleven months late because its ventilation failed a fire test, the city said.
Contractor Dahlberg Works will pay penalties of two million crowns a month. Ines Marrow, who leads the city's traffic committee, \
said commuters had been misled.
The tunnel was to carry 30,000 cars a day from May. Dahlberg Works said that new fans would be delivered in September."""

ELECTION = """\
Swimmer Tomas Arel is among nine candidates for the athletes' commission of the World Aquatics Games, organisers said.
The vote takes place during the games in Lunde next summer. Arel won silver in the 200 metres butterfly.
Other candidates include a diver from Osterly and two water polo players. Members serve for eight years."""
