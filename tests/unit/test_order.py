"""Who did what to whom: what may stand elsewhere than in the cited sentence, and what changes its part by it."""

import pytest

from tests.unit.told import told
from tidings.ai.evidence import check, cite
from tidings.model import Check, Claim


def checked(sentence: str, claim: str, language: str = "en") -> Check:
    source = told(1, "Courier", sentence, language)
    return check(Claim(claim, (cite(source, 0, 0, len(sentence)),), language), {1: source})


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Detectives who led the inquiry arrested two men on Brine Street.", "Two men arrested detectives."),
        ("Detectives arrested two men, hours before people driven out by gas came home.", "Two men arrested detectives."),
        ("Mayor Agnete Roald embraced the chief engineer and left early.", "The chief engineer embraced Mayor Agnete Roald."),
        ("Marnau Rovers beat Skarholt United in the final in Varga.", "Skarholt United beat Marnau Rovers in the final."),
        ("The bank was sued by the insurers over the breach.", "The bank sued the insurers over the breach."),
        ("The insurers sued the bank over the breach.", "The insurers were sued by the bank over the breach."),
        ("Ida Marsh said that nobody had told Olaf Brenner of the plan.", "Olaf Brenner said that nobody had told Ida Marsh of the plan."),
        ("The ferry sailed from Brandesund to Skarholt with 40 lorries.", "The ferry sailed from Skarholt to Brandesund with 40 lorries."),
        ("Workers of the port sent 9 trains and counted 4 ships.", "Workers of the port sent 4 trains and counted 9 ships."),
        ("The opposition, which wanted the move, was quiet; the governing parties were quieter.", "The governing parties wanted the move."),
        ("The council approved the budget; the mayor resigned.", "The council resigned."),
        ("The council approved the budget; the mayor resigned.", "The mayor approved the budget."),
        ("The council approved the budget; the mayor resigned.", "The council and the mayor resigned."),
        ("The council approved the budget; the mayor resigned in Leeds.", "The council approved the budget and resigned in Leeds."),
        ("The council approved the budget; she resigned in Leeds.", "The council approved the budget and resigned in Leeds."),
        ("The council, which met in Leeds, approved the budget; the mayor resigned.", "The council, which met in Leeds, resigned."),
        ("The council praised the budget; the mayor criticised Ida Marsh.", "The council praised the budget and Ida Marsh."),
        ("The winners were Ann Lee, of Leeds; Bob Day, of York; and Cy Fox, of Hull.", "The winners were Ann Lee, of York, and Cy Fox."),
        ("Ida Marsh said the pump had failed; Olaf Brenner left the hall.", "Olaf Brenner said the pump had failed."),
        ("The judge fined the company 3 million crowns.", "The judge was fined 3 million crowns by the company."),
        ("The company paid the insurer 3 million crowns.", "The insurer paid 3 million crowns."),
        ("The ship took 40 men to Leeds and six women to York.", "The ship took six women to Leeds and 40 men to York."),
        ("Ida Marsh’s statement about the payment to Olaf Brenner was read.", "Olaf Brenner’s statement about the payment to Ida Marsh was read."),
    ],
)  # fmt: skip
def test_two_that_changed_places_changed_their_parts(sentence: str, claim: str) -> None:
    assert not checked(sentence, claim).passes


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Coastguard vessels rescued the crew before dawn.", "The crew was rescued by coastguard vessels before dawn."),
        ("The session was attended by forty relatives of the victims.", "Forty relatives of the victims attended the session."),
        ("Most of it is meant for a roof which the club’s insurers paid for.", "Most of it is meant for a roof which the insurers of the club paid for."),
        ("Tickets for the match are sold at the ironmonger’s in Mill Road.", "Match tickets are sold at the ironmonger’s in Mill Road."),
        ("Lorries carried the last of the powder from the hall overnight, under foam.", "Under foam, lorries carried the last of the powder from the hall overnight."),
        ("The desk is to open in the old customs building at Skarholt.", "The desk is to open at Skarholt in the old customs building."),
        ("The desk will cost 11 million crowns a year and employ nine people.", "The desk will employ nine people and cost 11 million crowns a year."),
        ("The fleet was quiet; the governing parties were quieter.", "The governing parties were quieter."),
        ("The pump had failed, said Ida Marsh.", "Ida Marsh said that the pump had failed."),
        ("Three people died in Leeds; two were hurt in York.", "Three people died in Leeds and two were hurt in York."),
        ("The winners were Ann Lee, of Leeds; Bob Day, of York; and Cy Fox, of Hull.", "The winners were Ann Lee, Bob Day and Cy Fox."),
        ("The winners were Ann Lee, of Leeds; Bob Day, of York; and Cy Fox, of Hull.", "The winners were Bob Day and Cy Fox."),
        ("The council approved the budget; the mayor, Ida Marsh, called it fair.", "The council approved the budget, and Ida Marsh called it fair."),
        ("The plan would cut taxes; raise wages; and build homes.", "The plan would cut taxes and build homes."),
        ("The storm closed the port; ferries to Skarholt were cancelled.", "The storm closed the port while ferries to Skarholt were cancelled."),
        ("Two ships collided off Skarholt; nobody was hurt; the cause is not known.", "Two ships collided off Skarholt; nobody was hurt."),
        ("“The pump failed; the valve held,” said Ida Marsh.", "Ida Marsh said that the pump failed and the valve held."),
        ("The port in Leeds was closed; roads in York were closed.", "The port in Leeds was closed and roads in York were closed."),
        ("The judge fined the company 3 million crowns.", "The company was fined 3 million crowns."),
        ("The county closed the bridge to lorries over 12 tonnes.", "The bridge was closed to lorries over 12 tonnes by the county."),
        ("Some 40 firefighters and six engines were sent to the warehouse.", "Six engines and some 40 firefighters were sent to the warehouse."),
    ],
)  # fmt: skip
def test_what_kept_its_part_may_stand_elsewhere(sentence: str, claim: str) -> None:
    assert checked(sentence, claim).passes


@pytest.mark.parametrize(
    ("claim", "passes"),
    [
        ("Der Hafen wurde am Abend von der Reederei verklagt.", True),
        ("Der Hafen verklagte am Abend die Reederei.", False),
    ],
)
def test_a_passive_turns_round_who_does_it_in_german(claim: str, passes: bool) -> None:
    assert checked("Die Reederei verklagte am Abend den Hafen.", claim, "de").passes == passes


@pytest.mark.parametrize(
    ("sentence", "claim", "passes"),
    [
        ("Am Montag schloss der Kreis die Brücke für Lastwagen.", "Der Kreis schloss am Montag die Brücke für Lastwagen.", True),
        ("Ida Marsh verklagte am Montag die Bank.", "Am Montag verklagte Ida Marsh die Bank.", True),
        ("Am Montag verklagte Ida Marsh die Bank.", "Die Bank verklagte am Montag Ida Marsh.", False),
        ("Nach dem Sturm blieben Läden und Ämter geschlossen.", "Läden und Ämter blieben nach dem Sturm geschlossen.", True),
        ("Nach dem Sturm lobte der Rat den Kreis.", "Der Kreis lobte den Rat nach dem Sturm.", False),
        ("Der Hund biss den Mann in der Salzgasse.", "Der Mann biss in der Salzgasse.", False),
    ],
)  # fmt: skip
def test_the_verb_stands_second_in_german(sentence: str, claim: str, passes: bool) -> None:
    assert checked(sentence, claim, "de").passes == passes


@pytest.mark.parametrize(
    ("sentence", "claim", "passes"),
    [
        ("Drei Menschen starben in Leeds; zwei wurden in York verletzt.", "Drei Menschen starben in Leeds und zwei wurden in York verletzt.", True),
        ("Der Rat billigte den Haushalt; die Bürgermeisterin trat zurück.", "Der Rat billigte den Haushalt und trat zurück.", False),
    ],
)  # fmt: skip
def test_what_a_semicolon_parts_in_german(sentence: str, claim: str, passes: bool) -> None:
    assert checked(sentence, claim, "de").passes == passes
