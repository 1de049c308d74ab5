"""What is shown of a saying: words that somebody who reads them alone can understand."""

import time

from ai_support import source_of

from tidings.ai.sayings import sayings_of, shown_of, told_once
from tidings.ai.sentences import opens_in_the_middle
from tidings.model import Claim

PARAGRAPHS = (
    "PORT ELIN (CW) — Divers found the wreck of the ferry Marlin on Monday. It lies at a depth of 41 metres.",
    "He was seven when the ship went down off Gullside.",
    "Sverre Malloy, who leads the search, proposes to stop. “We will stop diving and start counting,” he says.",
    "“We have nothing left to look for,” said Mayor Agnete Roald of Port Elin.",
)
SOURCE = source_of("Wreck of the Marlin found off Gullside", PARAGRAPHS)


def shown(words: str) -> str | None:
    (saying,) = (s for s in sayings_of(SOURCE) if s.figure is None and words in s.text)
    claim = shown_of(saying)
    return claim and claim.text


def test_a_sentence_is_shown_without_the_dateline() -> None:
    assert shown("Divers found") == "Divers found the wreck of the ferry Marlin on Monday."


def test_what_leans_is_shown_behind_the_sentence_before_it() -> None:
    assert shown("41 metres") == (
        "Divers found the wreck of the ferry Marlin on Monday. It lies at a depth of 41 metres."
    )


def test_what_leans_on_another_paragraph_is_not_shown() -> None:
    assert shown("He was seven") is None


def test_a_quotation_is_shown_with_the_name_of_who_says_it() -> None:
    assert shown("start counting") == PARAGRAPHS[2]
    assert shown("nothing left") == PARAGRAPHS[3]


def test_a_quotation_that_opens_with_whoever_speaks_does_not_lean() -> None:
    assert not opens_in_the_middle("“We are ready,” said Mayor Roald.", "en")
    assert opens_in_the_middle("We are ready, the mayor said.", "en")
    assert opens_in_the_middle("“It is over,” said Mayor Roald.", "en")
    assert not opens_in_the_middle("„Wir sind bereit“, sagte Bürgermeisterin Roald.", "de")


def test_what_stands_within_another_claim_is_told_by_that_alone() -> None:
    claims = [claim for s in sayings_of(SOURCE) if s.figure is None and (claim := shown_of(s))]

    def itself(claim: Claim) -> Claim:
        return claim

    told = [claim.text for claim in told_once(claims, itself)]
    assert told == [
        "Divers found the wreck of the ferry Marlin on Monday. It lies at a depth of 41 metres.",
        PARAGRAPHS[2],
        PARAGRAPHS[3],
        "Wreck of the Marlin found off Gullside",
    ]
    assert [claim.text for claim in told_once(claims[::-1], itself)] == told[::-1]
    lone, leaning = claims[0], claims[1]
    assert told_once([lone, lone, leaning], itself) == [leaning]
    assert told_once([Claim("Nothing is cited.", (), "en"), lone], itself) == [
        Claim("Nothing is cited.", (), "en"),
        lone,
    ]


def test_a_paragraph_of_many_sentences_is_shown_in_time_linear_in_its_length() -> None:
    text = " ".join(f"“The plan number {n} is ready,” said Ann Lee of the council." for n in range(700))
    sayings = sayings_of(source_of("Plans", (text,)))
    started = time.process_time()
    assert all(shown_of(saying) for saying in sayings if saying.is_of_text)
    assert time.process_time() - started < 2.0
