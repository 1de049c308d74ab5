"""The kinds of claims that evals.claims makes: from a sentence, true ones in other words and false ones that sound alike.

Each maker takes an article and one of its sentences and yields claims of one kind.  They are regular expressions and the
press's annotations on purpose: none of the code that the gate checks with is used here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tidings.model import Article

LEAST, MOST = 45, 330  # characters of a sentence that claims are made of


@dataclass(frozen=True, slots=True)
class Place:
    article_id: int
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spoken:
    speaker: str
    words: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """An article with what its writers, or rules, say is in it; `sentences` are verbatim with their places."""

    article: Article
    story: str
    language: str
    people: tuple[str, ...]
    places: tuple[str, ...]
    quotes: tuple[Spoken, ...]
    figures: tuple[str, ...]
    id: str = ""
    sentences: tuple[tuple[str, Place], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Desk:
    """All a maker may look at: the article, its sentence, others of its story and of others, and chance."""

    article: Annotated
    sentence: str
    place: Place
    fellows: Sequence[Annotated]
    strangers: Sequence[Annotated]
    chance: random.Random
    half: str


Maker = Callable[[Desk], Iterable[str | tuple[str, Place, str]]]
QUOTED = re.compile(r"[\"“”„«»「」『』]|[‘'](?=\w)(?<!\w.)")
_SAYS = re.compile(
    r"\b(?:said|says|told|according to|claim\w*|argu\w+|add(?:s|ed)|believ\w+|warn\w+|announc\w+|insist\w+|confirm\w+|den(?:y|ied|ies)|wrote|"
    r"ask(?:ed|s)|admit\w*|note[sd]|think\w*|thought|expects?|expected|report\w*|explain\w*|state[sd]|tweet\w*|call(?:ed|s)|suggest\w*|allege\w*|describ\w+|hop(?:es|ed))\b"
)
_OPENS = re.compile(
    r"^(?:He|She|It|They|This|That|These|Those|But|And|So|Yet|Then|His|Her|Their|Its|We|I|There|You)\b"
)
FIGURE = re.compile(r"(?<![\w.,$-])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w,.:/-]|st\b)")


def _plain(desk: Desk) -> bool:
    """Whether a sentence states something in the article's own words."""
    return not QUOTED.search(desk.sentence) and not _SAYS.search(desk.sentence)


# ── true ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def clause(desk: Desk) -> Iterable[str]:
    """A relative clause, an aside or what hangs on a comma left out; the rest is verbatim."""
    s = desk.sentence
    if not _plain(desk) or _MAY.search(s):
        return
    cut = re.sub(r", (?:who|which|whose|where)\b[^,;.:“”\"]{8,90},(?= (?!and|or))", "", s, count=1)
    if cut != s:
        yield cut
    end = re.match(r"^(.{40,}?), (?:which|who|where|while|although|whose)\b[^“”\"]*$", s)
    if end and not re.search(r"\b(?:if|unless|when)\b", end[1]):
        yield end[1] + "."
    semi = re.match(r"^(.{35,}?); ", s)
    if semi:
        yield semi[1] + "."
    aside = re.sub(r" \([^()]{3,60}\)| – [^–]{5,80} –", "", s, count=1)
    if aside != s:
        yield aside


def shortened(desk: Desk) -> Iterable[str]:
    """An adverb, a time or a form of address left out."""
    s = desk.sentence
    if not _plain(desk):
        return
    cuts = (
        (r"^(?:By|On|In|At|Since|During) [^,“”\"]{3,32}, (?=[A-Z]|the |a )", ""),
        (
            r" (?:on|since|until) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:morning|night|evening|afternoon))?(?=[.,])",
            "",
        ),
        (
            r"\b(?:quickly|slowly|quietly|carefully|suddenly|immediately|finally|recently|merely|simply|largely|shortly|clearly|briefly) ",
            "",
        ),
        (r"\b(?:Dr|Mr|Mrs|Ms) (?=[A-Z])", ""),
        (r"\b(?:also|still|now|then|however,?) ", ""),
    )
    for pattern, by in cuts:
        cut = re.sub(pattern, by, s, count=1)
        if cut != s and not _OPENS.match(cut):
            yield cut
            return


_UNITS = dict(
    zip(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ],
        range(1, 21),
        strict=True,
    )
)
_BY_VALUE = {str(n): word for word, n in _UNITS.items()}


def number_format(desk: Desk) -> Iterable[str]:
    """A number written otherwise: 11 and eleven, 5 percent and 5%, 2.4 billion and 2.4bn, 1,900 and 1900."""
    s = desk.sentence
    if QUOTED.search(s):
        return
    for pattern, by in (
        (r"\b(\d[\d.,]*) per ?cent\b", r"\1%"),
        (r"\b(\d[\d.]*) billion\b", r"\1bn"),
        (r"\b(\d),(\d{3})\b", r"\1\2"),
        (r"(\d)%", r"\1 percent"),
    ):
        made = re.sub(pattern, by, s, count=1)
        if made != s:
            yield made
            return
    for match in re.finditer(
        r"(?<![\w.,$-])(\d{1,2})(?= [a-z]{3,})(?! (?:percent|per|a\.m|p\.m|million|billion|and|to|near))(?<!(?:ary|rch|ril|une|uly|ust|ber|May) \d)(?<!(?:ary|rch|ril|une|uly|ust|ber|May) \d\d)",
        s,
    ):
        if match[1] in _BY_VALUE and match[1] != "1":
            yield s[: match.start()] + _BY_VALUE[match[1]] + s[match.end() :]
            return
    for match in re.finditer(
        r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)(?= [a-z]{4,}s\b)", s
    ):
        yield s[: match.start()] + str(_UNITS[match[1]]) + s[match.end() :]
        return


def alias(desk: Desk) -> Iterable[str]:
    """A person by surname or in full, as the article has both; a pronoun beside a quotation by its annotated speaker."""
    s = desk.sentence
    if desk.article.id.startswith("real-"):
        return
    whole = "\n".join(desk.article.article.extract.paragraphs)
    for person in desk.article.people:
        last = person.split()[-1]
        if len(person.split()) < 2 or not whole.count(person) or "-" in person or len(last) < 4:
            continue
        if sum(p.split()[-1] == last for p in desk.article.people) > 1 or re.search(
            rf"(?<!{re.escape(person.split()[-2])} )\b{re.escape(last)} (?:[A-Z]|\d)", whole
        ):
            continue
        if person in s and whole.count(last) > whole.count(person):
            yield s.replace(person, last, 1)
        elif (
            re.search(rf"(?<![\w] )\b{re.escape(last)}\b(?!['’-])", s) and person not in s and f"“{last}" not in s
            and not re.search(rf"[A-Z][\w-]+ {re.escape(last)}\b", s)
        ):  # fmt: skip
            yield re.sub(rf"\b{re.escape(last)}\b", person, s, count=1)
    for quote in desk.article.quotes:
        match = re.search(r"[”\"],? (he|she) (said|says)\b", s)
        if (
            quote.words.strip(",.") in s
            and match
            and len(quote.speaker.split()) > 1
            and quote.speaker[0].isupper()
        ):
            yield s[: match.start(1)] + quote.speaker + s[match.end(1) :]


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905


def date_format(desk: Desk) -> Iterable[str]:
    """A weekday as a date."""
    match = re.search(
        r"\bon (Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)(?! (?:morning|night|evening|afternoon|and|or))\b",
        desk.sentence,
    )
    day = desk.article.article.at
    if not match or QUOTED.search(desk.sentence) or desk.article.id.startswith("real-"):
        return
    back = (day.weekday() - _DAYS.index(match[1])) % 7
    if back > 3 or re.search(r"\b(?:will|to|next|until|would|may)\b", desk.sentence):
        return
    on = day - timedelta(days=back)
    yield desk.sentence.replace(
        match.group(), f"on {on.day} {on:%B}" if desk.chance.random() < 0.5 else f"on {on:%B} {on.day}", 1
    )


# Which half sees which words: a gate whose list was grown on one half is measured on words of the other.
_SYNONYMS = {
    "dev": (
        "fire:blaze,said:stated,began:started,hurt:injured,company:firm,inquiry:investigation,"
        "asked:requested,children:kids,bought:purchased,ship:vessel,help:assist,killed:slain,"
        "ended:finished,near:close to,large:big,residents:inhabitants,doctor:physician,"
        "buildings:structures,money:cash,talks:discussions,plan:scheme,deal:agreement,"
        "lawmakers:legislators,workers:employees,boat:vessel,jobs:posts,speech:address,"
        "rules:regulations,shop:store,film:movie,sick:ill,quickly:rapidly,enough:sufficient,"
        "important:significant,difficult:hard,angry:furious,allow:permit,happened:occurred,"
        "destroyed:wrecked,home:house,leader:head,goal:aim,right:correct,simple:easy,huge:enormous,"
        "wealthy:rich,lawyer:attorney"
    ),
    "test": (
        "blaze:fire,started:began,injured:hurt,firm:company,show:reveal,built:constructed,"
        "chief executive:head,close:shut,lorries:trucks,about:roughly,left:departed,stopped:halted,"
        "often:frequently,nearly:almost,photograph:picture,car:vehicle,road:street,choose:select,"
        "got:received,tried:attempted,whole:entire,sent:dispatched"
    ),
}


def synonym(desk: Desk) -> Iterable[str]:
    """One word by another of the same meaning, from a small list of this script's own."""
    yield from _one_word_changed(desk, _SYNONYMS)


def _one_word_changed(desk: Desk, words: Mapping[str, str]) -> Iterable[str]:
    """The sentence with one word by the other of its pair, drawn at chance from those of a half."""
    if not _plain(desk):
        return
    pairs = words[desk.half].split(",")
    desk.chance.shuffle(pairs)
    for pair in pairs:
        word, other = pair.split(":")
        if re.search(rf"(?<!-)\b{word}\b(?!-)", desk.sentence):
            yield re.sub(rf"\b{word}\b", other, desk.sentence, count=1)
            return


def reordered(desk: Desk) -> Iterable[str]:
    """Clauses in another order: what opens the sentence moved to its end, a verb of saying to its front."""
    s = desk.sentence
    if QUOTED.search(s):
        return
    opening = re.match(
        r"^((?:After|When|Before|Because|While|Although|Since) [^,]{12,80}), ((?:the |a )?[^,;:]{15,})\.$", s
    )
    if opening and not _OPENS.match(opening[2].capitalize()):
        yield f"{opening[2]} {opening[1][0].lower()}{opening[1][1:]}."
        return
    behind = re.match(r"^([^,;:]{20,}) ((?:after|when|before|because|while) [^,;:]{12,})\.$", s)
    if behind and not _OPENS.match(s) and not re.search(r"\bthat\b", behind[1]):
        yield f"{behind[2]}, {behind[1][0].lower() if not _starts_with_name(desk, s) else behind[1][0]}{behind[1][1:]}."
        return
    said = re.match(r"^([^,;:]{25,}), ((?:the |a )?[\w’' -]{3,40}) said(?: on (\w+day))?\.$", s)
    if said:
        first = said[1] if _starts_with_name(desk, s) else said[1][0].lower() + said[1][1:]
        yield f"{said[2]} said{f' on {said[3]}' if said[3] else ''} that {first}."


def _starts_with_name(desk: Desk, s: str) -> bool:
    first = s.split()[0].strip(",’'s")
    return any(
        first in name.split() for name in (*desk.article.people, *desk.article.places)
    ) or not re.match(r"(?:The|A|An|In|On|At|Its|Some|Most|Many|Two|Three|Four|No)\b", s)


def attribution(desk: Desk) -> Iterable[str]:
    """A quotation with its annotated speaker, put otherwise: X said: “…”; “…,” according to X."""
    for quote in desk.article.quotes:
        words = quote.words.rstrip(".,!?")
        if (
            words not in desk.sentence
            or len(words) < 25
            or not quote.speaker[0].isupper()
            or len(quote.speaker.split()) < 2
        ):
            continue
        if quote.speaker.split()[-1] not in desk.sentence and not re.search(
            r"\b(?:he|she)\b (?:said|says)|\bsaid (?:he|she)\b", desk.sentence
        ):
            continue
        if desk.article.language != "en":
            yield (
                f"{quote.speaker} sagte: „{words}“."
                if desk.article.language == "de"
                else f"“{words}”, {quote.speaker}"
            )
            continue
        yield desk.chance.choice([
            f"{quote.speaker} said: “{words}.”",
            f"“{words},” said {quote.speaker}.",
            f"According to {quote.speaker}, “{words}.”",
            f"{quote.speaker} said, “{words}.”",
        ])  # fmt: skip


_MAY = re.compile(
    r"\b(?:may|might|could|expected to|alleged(?:ly)?|reportedly|suspected|likely to|plans? to|planned to|hopes? to|believed to|appears? to)\b"
)


def hedged(desk: Desk) -> Iterable[str]:
    """A doubtful statement that stays so: may and might, expected and due, with something left out."""
    s = desk.sentence
    if QUOTED.search(s) or _SAYS.search(re.sub("expected to", "", s)):
        return
    for pattern, by in (
        (r"\bmay (?=[a-z]+ )", "might "),
        (r"\bcould (?=[a-z]+ )", "might "),
        (r"\bis expected to\b", "is due to"),
        (r"\bare expected to\b", "are due to"),
        (r"\bplans to\b", "intends to"),
        (r"\blikely to\b", "expected to"),
    ):
        made = re.sub(pattern, by, s, count=1)
        if made != s and not re.search(r"May \d", s):
            yield made
            return


# ── false ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _other(desk: Desk, pool: Iterable[str], not_in: str) -> str | None:
    choices = sorted(
        {
            name
            for name in pool
            if name not in not_in and not any(part in not_in for part in name.split() if len(part) > 3)
        }
    )
    return desk.chance.choice(choices) if choices else None


def name_swapped(desk: Desk) -> Iterable[str]:
    """Another person of the article or its story, or a first name changed."""
    pool = [p for a in (desk.article, *desk.fellows) for p in a.people] or [
        p for a in desk.strangers[:8] for p in a.people
    ]
    for person in desk.article.people:
        if person in desk.sentence and len(person.split()) > 1:
            other = _other(desk, pool, desk.sentence)
            if other:
                yield desk.sentence.replace(person, other)
                return
    for person in desk.article.people:
        last = person.split()[-1]
        if len(person.split()) > 1 and re.search(rf"\b{re.escape(last)}\b", desk.sentence):
            other = _other(desk, pool, desk.sentence + person)
            if other:
                yield re.sub(rf"\b{re.escape(last)}\b", other.split()[-1], desk.sentence)
                return


def place_swapped(desk: Desk) -> Iterable[str]:
    """Another place of the article or its story."""
    pool = [p for a in (desk.article, *desk.fellows, *desk.strangers[:3]) for p in a.places]
    for place in desk.article.places:
        if re.search(rf"\b{re.escape(place)}\b", desk.sentence) and place not in desk.article.people:
            other = _other(desk, pool, desk.sentence)
            if other:
                yield desk.sentence.replace(place, other)
                return


def number_changed(desk: Desk) -> Iterable[str]:
    """A figure by another of the article, or by one that is near."""
    figures = list(FIGURE.finditer(desk.sentence))
    if desk.article.language != "en" or not figures:
        figures = [
            m
            for value in desk.article.figures
            for m in re.finditer(rf"(?<![\w.,]){re.escape(value)}(?![\w,.]\w)", desk.sentence)
        ]
    if not figures:
        return
    match = desk.chance.choice(figures)
    others = [
        f
        for f in desk.article.figures
        if f not in desk.sentence and f[0].isdigit() == match.group()[0].isdigit()
    ]
    if others and desk.chance.random() < 0.5:
        new = desk.chance.choice(sorted(others))
    elif match.group()[0].isdigit():
        digits = match.group()
        at = desk.chance.choice([i for i, c in enumerate(digits) if c.isdigit()])
        new = digits[:at] + str((int(digits[at]) + desk.chance.randint(1, 8)) % 9 + 1) + digits[at + 1 :]
        if new == digits:
            return
    else:
        new = desk.chance.choice(
            [w for w in ("three", "five", "nine", "thirty", "forty") if w != match.group().lower()]
        )
    yield desk.sentence[: match.start()] + new + desk.sentence[match.end() :]


def numbers_exchanged(desk: Desk) -> Iterable[str]:
    """Two numbers of one sentence, each for the other."""
    figures = list(FIGURE.finditer(desk.sentence))
    if len(figures) < 2 or QUOTED.search(desk.sentence):
        return
    a, b = figures[:2]
    between = desk.sentence[a.end() : b.start()]
    if a.group() == b.group() or len(between.split()) < 2 or re.fullmatch(r" (?:and|or|to|by|of) ", between):
        return
    yield desk.sentence[: a.start()] + b.group() + between + a.group() + desk.sentence[b.end() :]


def date_changed(desk: Desk) -> Iterable[str]:
    """Another weekday, month or year."""
    for pattern, pool in (
        (r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", _DAYS),
        (r"\b(?:January|February|April|June|July|August|September|October|November|December)\b", ["January", "February", "April", "June", "July", "August", "September", "October"]),
        (r"\b(?:19|20)\d\d\b", ["1987", "1999", "2004", "2011", "2013", "2021"]),
        (r"\b(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)\b", ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"]),
        (r"[월화수목금토일]요일", ["월요일", "화요일", "수요일", "목요일", "금요일"]),
        (r"\b(?:yesterday|tomorrow)\b", ["yesterday", "tomorrow", "today"]),
    ):  # fmt: skip
        match = re.search(pattern, desk.sentence)
        if match:
            yield desk.sentence.replace(
                match.group(), desk.chance.choice([d for d in pool if d not in desk.sentence]), 1
            )
            return


def negated(desk: Desk) -> Iterable[str]:
    """A "not" put in or taken out."""
    s = desk.sentence
    if QUOTED.search(s):
        return
    for pattern, by in (
        (r"\b(was|were|is|are|has|have|had|will|would|could|can|did|does|should) not\b", r"\1"),
        (r"\bcannot\b", "can"), (r"\b(?:did|does|do)n['’]t (\w)", r"did \1"),
        (r"\bno longer\b", "still"), (r"\b(No|no) (?=[a-z]+s? (?:has|have|was|were|is|are|had))", "a "), (r"\bnobody\b", "somebody"), (r"\bwithout\b", "with"), (r"\bnever\b", "always"),
        (r"\b(was|were|is|are|has|have|had|will|would|could|can)\b(?! (?:not|no|n’t|to|nothing|never))(?!['’])", r"\1 not"),
    ):  # fmt: skip
        made = re.sub(pattern, by, s, count=1)
        if made != s:
            yield made
            return


def speaker_swapped(desk: Desk) -> Iterable[str]:
    """A quotation given to somebody else of the article or its story."""
    for quote in desk.article.quotes:
        words = quote.words.rstrip(".,!?")
        if words in desk.sentence and len(words) > 25:
            same = quote.speaker.split()[-1]
            pool = [
                p
                for a in (desk.article, *desk.fellows)
                for p in a.people
                if same not in p and len(p.split()) > 1
            ]
            if pool:
                other = desk.chance.choice(sorted(set(pool)))
                if desk.article.language != "en":
                    yield (
                        f"{other} sagte: „{words}“."
                        if desk.article.language == "de"
                        else f"“{words}”, {other}"
                    )
                else:
                    yield desk.chance.choice(
                        [
                            f"{other} said: “{words}.”",
                            f"“{words},” said {other}.",
                            f"“{words},” {other} said.",
                        ]
                    )
                return


def quote_invented(desk: Desk) -> Iterable[str]:
    """The article's own words, or another speaker's of another article, put between marks."""
    speakers = [
        q.speaker for q in desk.article.quotes if q.speaker[0].isupper() and len(q.speaker.split()) > 1
    ]
    if not speakers or not _plain(desk) or _OPENS.match(desk.sentence):
        return
    speaker = desk.chance.choice(sorted(set(speakers)))
    foreign = [q.words for a in (*desk.fellows, *desk.strangers[:10]) for q in a.quotes if len(q.words) > 30]
    if foreign and desk.chance.random() < 0.5:
        yield f"“{desk.chance.choice(sorted(foreign)).rstrip('.,!?')},” {speaker} said."
    else:
        yield f"“{desk.sentence.rstrip('.')},” {speaker} said."


_SWAPS = "not:,never:always,all:some,four:five,two:three,before:after,more:less,first:last,good:bad,have:had,will:would,always:often,nobody:somebody,every:many,would:will,can:may,must:should,is:was,are:were,very:quite,many:few,because:although"


def quote_altered(desk: Desk) -> Iterable[str]:
    """A quotation with a word changed or left out, its speaker right."""
    for quote in desk.article.quotes:
        words = quote.words.rstrip(".,!?")
        if words not in desk.sentence or len(words) < 25:
            continue
        pairs = [pair.split(":") for pair in _SWAPS.split(",")]
        desk.chance.shuffle(pairs)
        for word, other in pairs:
            made = re.sub(rf"\b{word}\b ?", f"{other} " if other else "", words, count=1)
            if made != words:
                yield desk.sentence.replace(words, made.rstrip())
                return


_SUBJECT = re.compile(
    r"^((?:The |An? )?[A-Z]?[\w’'. -]{3,50}?) ((?:was|were|is|are|has|had|have|will|would|said|told|took|went|came|made|gave|left|began|won|lost|died|opened|closed|asked|called|signed|found|met|bought|sold|led|held|paid|ran)\b.{20,})$"
)


def merged(desk: Desk) -> Iterable[tuple[str, Place, str]]:
    """The subject of one article's sentence with what another's did; both are cited."""
    mine = _SUBJECT.match(desk.sentence)
    if not mine or QUOTED.search(desk.sentence) or _OPENS.match(desk.sentence):
        return
    pool = [*desk.fellows, *([desk.chance.choice(desk.strangers)] if desk.strangers else [])]
    desk.chance.shuffle(pool)
    for other in pool:
        sentences = list(other.sentences)
        desk.chance.shuffle(sentences)
        for text, place in sentences:
            theirs = _SUBJECT.match(text)
            if (
                theirs
                and LEAST <= len(text) <= MOST
                and not QUOTED.search(text)
                and not _OPENS.match(text)
                and theirs[1].split()[-1] not in desk.sentence
                and mine[1].split()[-1] not in text
            ):
                yield f"{mine[1]} {theirs[2]}", place, text
                return


def false_cause(desk: Desk) -> Iterable[str | tuple[str, Place, str]]:
    """Two facts side by side, the one made the other's cause; "after" made "because of"; another cause put in."""
    s = desk.sentence
    if not _plain(desk) or _OPENS.match(s):
        return
    after = re.search(r"\bafter (?=the |a |an |his |her |its )", s)
    if after and desk.chance.random() < 0.5:
        yield s[: after.start()] + "because of " + s[after.end() :]
        return
    caused = re.match(r"^([^,;:]{20,}) because (?:of )?[^,;:]{8,}\.$", s)
    others = [
        (text, place) for text, place in desk.article.sentences
        if text != s and 40 <= len(text) <= 130 and not QUOTED.search(text) and not _OPENS.match(text) and not _SAYS.search(text) and "because" not in text
    ]  # fmt: skip
    if not others:
        return
    text, place = desk.chance.choice(others)
    low = (
        text[0].lower() + text[1:]
        if re.match(r"(?:The|An?|In|On|At|Some|Most|Many|Two|Three|Its)\b", text)
        else text
    )
    if caused:
        yield f"{caused[1]} because {low}", place, text
    elif len(s) < 140 and s.endswith("."):
        mine = s[0].lower() + s[1:] if re.match(r"(?:The|An?|In|On|At)\b", s) else s
        yield (
            desk.chance.choice(
                [
                    f"{s[:-1]} because {low}",
                    f"{text[:-1]}, which caused the following: {mine}",
                    f"{text[:-1]}, and as a result {mine}",
                ]
            ),
            place,
            text,
        )


def false_agent(desk: Desk) -> Iterable[str]:
    """Who set something off, changed: "X rattled Y" where Z did; Z stands elsewhere in the sentence or article."""
    match = re.match(
        r"^(.{5,60}?) (caused|led to|triggered|sparked|prompted|forced|rattled|killed|destroyed|damaged|blocked|stopped|closed|delayed|drove|halted|ended) (.{10,})$",
        desk.sentence,
    )
    if not match or QUOTED.search(desk.sentence):
        return
    other = _other(desk, (*desk.article.places, *desk.article.people), match[1])
    if other and other[:3] not in match[3] and not re.search(r"(?:ese|ish|ian|can)$", other):
        yield f"{other} {match[2]} {match[3]}"


def certainty_raised(desk: Desk) -> Iterable[str]:
    """A doubt, an intention or an allegation made a fact."""
    s = desk.sentence
    if QUOTED.search(s):
        return
    for pattern, by in (
        (r"\b(?:may|might|could) have (?=\w+(?:ed|en|n|t)\b)", "had "), (r"\b(?:may|might|could) be\b", "is"),
        (r"\b(?:is|are) (?:expected|likely|due|set|scheduled) to\b", "will"), (r"\b(?:was|were) (?:expected|likely|believed|thought) to have\b", "had"),
        (r"\b(?:allegedly|reportedly|apparently|possibly|probably|perhaps) ", ""), (r"\b(alleged|suspected|possible|likely|proposed|planned) (?=[a-z])", ""),
        (r"\b(?:plans|hopes|intends|wants|aims|expects|seeks) to\b", "will"), (r"\b(?:appears?|seems?) to (?:be|have been)\b", "is"),
        (r"\b(?:may|might|could) (?=[a-z]+ )", "will "), (r"\b(?:about|roughly|around|nearly|almost|some) (?=\d)", ""), (r"\b(?:at least|more than|up to|fewer than) (?=\d)", ""),
    ):  # fmt: skip
        made = re.sub(pattern, by, s, count=1)
        if made != s and not re.search(r"\bif\b|May \d", s):
            yield made
            return


def attribution_lost(desk: Desk) -> Iterable[str]:
    """What somebody said, told as the article's own."""
    s = desk.sentence
    if QUOTED.search(s):
        return
    for pattern in (
        r"^[^,;:]{3,70}? (?:said|says|argued|argues|claimed|claims|insisted|insists|warned|warns|believes|added|told \w+|alleged)(?: on \w+day)? that (.{25,})$",
        r"^(.{30,}), according to [^,]{3,60}\.$", r"^(.{30,}), (?:the |an? )?[\w’' -]{3,40} (?:said|says|told \w+)(?: on \w+day)?\.$",
        r"^(.{30,}), said (?:[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*|(?:the|an?) \w+(?: \w+)?)(?:, [^,]+)?\.$",
        r"^According to [^,]{3,60}, (.{30,})$",
    ):  # fmt: skip
        match = re.match(pattern, s)
        if match:
            yield match[1].rstrip(".") + "."
            return


def quote_as_fact(desk: Desk) -> Iterable[str]:
    """A quotation's words told as the article's own."""
    for quote in desk.article.quotes:
        words = quote.words.rstrip(".,!?")
        if (
            words in desk.sentence
            and len(words) > 30
            and not re.search(r"\b(?:I|we|We|my|our|us|me|you|You)\b", words)
        ):
            yield f"{words}."


_CHANGED = {
    "dev": (
        "rose:fell,won:lost,opened:closed,bought:sold,hospital:school,accused:convicted,"
        "mayor:governor,fire:flood,north:south,doctors:nurses,approved:rejected,first:last,"
        "before:after,charged:acquitted,mother:sister,largest:smallest,city:village,workers:managers,"
        "police:army,killed:wounded,early:late,lost:won,more:fewer,doctor:nurse,talks:fights,plan:law,"
        "deal:lawsuit,boat:plane,speech:letter,allow:forbid,destroyed:repaired,returned:escaped,"
        "important:minor,quickly:slowly,money:weapons,jobs:homes,workers:owners,film:book,"
        "buildings:cars,rain:snow,shop:school,residents:tourists,rules:prices,leader:critic,"
        "wealthy:poor,lawyer:doctor,huge:small,right:wrong,president:governor,state:city,year:month,"
        "voters:lawmakers,women:men,white:black,bill:report"
    ),
    "test": (
        "fell:rose,lost:won,closed:opened,sold:bought,school:hospital,arrested:killed,"
        "minister:governor,ship:plane,south:north,teachers:pupils,rejected:approved,last:first,"
        "after:before,injured:killed,daughter:son,highest:lowest,village:city,soldiers:police,"
        "winter:summer,increase:cut,left:joined,old:new,strike:vote,raised:lowered,father:brother,"
        "died:recovered"
    ),
}


def word_changed(desk: Desk) -> Iterable[str]:
    """One word by another that means something else, often the opposite."""
    yield from _one_word_changed(desk, _CHANGED)


def roles_swapped(desk: Desk) -> Iterable[str]:
    """Two names of one sentence, each in the other's place."""
    s = desk.sentence
    names = sorted(
        {n for n in (*desk.article.people, *desk.article.places) if re.search(rf"\b{re.escape(n)}\b", s)},
        key=s.find,
    )
    names = [n for n in names if not any(n != m and n in m for m in names)]
    if len(names) < 2 or QUOTED.search(s):
        return
    a, b = names[0], names[1]
    if a[:3] == b[:3]:  # China, Chinese
        return
    if (a in desk.article.people) != (b in desk.article.people):
        return
    between = s[s.find(a) + len(a) : s.find(b)]
    if (
        len(between.split()) < 2
        or re.search(r"^(?:,? and|,| or| of the| of)\s", between + " ")
        or not re.search(r"\b\w+(?:ed|s|d|t)\b", between)
    ):
        return
    yield s.replace(a, "\0", 1).replace(b, a, 1).replace("\0", b, 1)


MAKERS: dict[str, Maker] = {
    "clause": clause, "shortened": shortened, "number format": number_format, "alias": alias, "date format": date_format,
    "synonym": synonym, "reordered": reordered, "attribution": attribution, "hedged": hedged,
    "name swapped": name_swapped, "place swapped": place_swapped, "number changed": number_changed,
    "numbers exchanged": numbers_exchanged, "date changed": date_changed, "negation": negated, "speaker swapped": speaker_swapped,
    "quote invented": quote_invented, "quote altered": quote_altered, "facts merged": merged, "false cause": false_cause,
    "false agent": false_agent, "certainty raised": certainty_raised, "attribution lost": attribution_lost,
    "quote as fact": quote_as_fact, "word changed": word_changed, "roles swapped": roles_swapped,
}  # fmt: skip
FALSE_KINDS = frozenset(list(MAKERS)[list(MAKERS).index("name swapped") :]) | {"by hand, false"}
ANY_LANGUAGE = frozenset(
    (
        "name swapped",
        "place swapped",
        "number changed",
        "date changed",
        "speaker swapped",
        "attribution",
        "alias",
    )
)
