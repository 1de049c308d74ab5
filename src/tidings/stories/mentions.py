"""People and bodies in a text of an alphabetic script, as far as the speaker of a quotation needs them.

A run of capitalised words is a person when the text says so: a title or office before it, an office, an age or "who" behind
it, a verb of saying beside it.  Who is meant by "she", "Vale" or "the minister" is answered only when one person fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from tidings.stories.calendars import calendar_words
from tidings.stories.lexicon import table_of, words_of
from tidings.stories.rarity import primary, word_zipf
from tidings.text import fold

Gender = Literal["m", "f", ""]

# A word with inner hyphens, apostrophes, points of acronyms: "Tae-yul", "O'Brien", "U.S.", "Vale’s".
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'’‑](?=[^\W_])[^\W_]+)*")
_ABBREVIATED = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "sen",
        "rep",
        "gov",
        "gen",
        "lt",
        "col",
        "sgt",
        "capt",
        "prof",
        "jr",
        "sr",
        "no",
        "vs",
        "inc",
        "co",
        "ltd",
        "mt",
        "ft",
        "adm",
        "m",
        "mme",
        "ing",
        "dipl",
        "hon",
        "rev",
        "maj",
    ]
)
_CONNECTORS = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "di",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "zu",
        "bin",
        "ibn",
        "al",
        "el",
        "la",
        "le",
        "y",
        "e",
        "af",
        "av",
    ]
)
_HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "dame",
        "lord",
        "lady",
        "herr",
        "frau",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "señor",
        "señora",
        "signor",
        "signora",
        "don",
        "doña",
        "dott",
        "ing",
        "sen",
        "rep",
        "gov",
        "gen",
        "lt",
        "col",
        "capt",
        "sgt",
        "det",
        "supt",
        "insp",
        "adm",
        "hon",
        "rev",
    ]
)
_MEN = frozenset(["mr", "sir", "lord", "herr", "monsieur", "señor", "signor", "don"])
_WOMEN = frozenset(
    ["mrs", "ms", "miss", "dame", "lady", "frau", "mme", "mlle", "madame", "señora", "signora", "doña"]
)
_AGE = re.compile(r"\s?[,(]\s?\d{1,3}\b(?!\s*(?:%|percent))")
_CLOSING, _OPENING = "\"”’'»«“‘›)\\]", "\"“„«»‘‚'‹(\\[—–-"
_SENTENCE_END = re.compile(
    rf"[.!?…]+[{_CLOSING}]*\s+(?=[^\W_]|[{_OPENING}])|\x02[{_CLOSING}]\s+(?=[A-ZÀ-ÖØ-ÞА-ЯĄĆĘŁŃÓŚŹŻİ]|[{_OPENING}])"
)

_WITHIN = frozenset(["in", "en", "em", "à", "w", "в", "i"])
# Before these a name is more often a place's: in, at, from …
_PLACING = frozenset(
    [
        "in",
        "at",
        "from",
        "to",
        "near",
        "through",
        "outside",
        "of",
        "in",
        "aus",
        "bei",
        "nach",
        "von",
        "en",
        "à",
        "dans",
        "de",
        "a",
        "nel",
        "nella",
        "em",
        "no",
        "na",
        "w",
        "z",
        "do",
        "в",
        "из",
        "на",
        "i",
        "på",
        "för",
        "från",
    ]
)

QUOTED, QUOTED_STOP = "\x01", "\x02"  # what a quotation is masked with; the second where it ends a sentence


class Token(NamedTuple):
    """A word: `low` is folded and without its possessive; `gap` is what stands before it."""

    text: str
    low: str
    start: int
    end: int
    capital: bool
    initial: bool
    possessive: bool
    gap: str


@dataclass(frozen=True)
class Grammar:
    """A language's words, folded, as the rules here ask for them."""

    code: str
    words: dict[str, frozenset[str]]
    according: tuple[str, ...]
    quoted_as: tuple[str, ...]
    function: frozenset[str]

    def __getitem__(self, name: str) -> frozenset[str]:
        return self.words[name]

    def is_role(self, low: str) -> bool:
        if (
            low in self.words["roles"]
            or low in self.words["male"]
            or low in self.words["female"]
            or low in _HONORIFICS
        ):
            return True
        return self.code in _COMPOUNDING and low.endswith(_long(self.words["roles"]))

    def is_body(self, low: str) -> bool:
        return low in self.words["bodies"] or (
            self.code in _COMPOUNDING and low.endswith(_long(self.words["bodies"]))
        )

    def gender_of(self, low: str) -> Gender:
        if low in _MEN or low in _WOMEN:
            return "m" if low in _MEN else "f"
        male, female = low in self.words["male"], low in self.words["female"]
        if male != female:
            return "m" if male else "f"
        if (
            self.code == "de"
            and self.is_role(low)
            and not low.endswith(("vorsitzende", "beauftragte", "abgeordnete"))
        ):
            return "f" if low.endswith("in") else "m"
        return ""


_COMPOUNDING = frozenset(("de", "nl", "sv", "da", "nb", "no"))
_LISTS = [
    "said",
    "called",
    "told_of",
    "he",
    "she",
    "they",
    "it",
    "the",
    "some",
    "of",
    "skipped",
    "and",
    "that",
    "who",
    "statement",
    "male",
    "female",
    "roles",
    "bodies",
]


@lru_cache(maxsize=64)
def _long(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word for word in words if len(word) > 4)


@lru_cache(maxsize=64)
def grammar_of(language: str | None) -> Grammar | None:
    """Return the words of a language, None when there is no table of it."""
    table = table_of(language, "speech")
    if table is None:
        return None
    words = {name: frozenset(map(fold, words_of(table, name))) for name in _LISTS}
    function = frozenset().union(
        *(words[n] for n in ["the", "some", "of", "skipped", "and", "that", "who", "he", "she", "they", "it"])
    )
    return Grammar(
        code=primary(language),
        words=words,
        according=tuple(table.get("according", ())),
        quoted_as=tuple(table.get("quoted_as", ())),
        function=function,
    )


# ── sentences and words ──────────────────────────────────────────────────────────────────────────────────────────────


def sentences_of(masked: str) -> list[tuple[int, int]]:
    """Return the (start, end) of the sentences of a paragraph whose quotations are masked."""
    starts = [0]
    for match in _SENTENCE_END.finditer(masked):
        if masked[match.start()] == "." and (
            masked[match.end() : match.end() + 1].islower() or _is_abbreviation(masked, match.start())
        ):
            continue
        starts.append(match.end())
    return list(zip(starts, [*starts[1:], len(masked)], strict=True))


def _is_abbreviation(text: str, point: int) -> bool:
    start = point
    while start > 0 and point - start < 6 and text[start - 1].isalpha():
        start -= 1
    word = text[start:point]
    if not word or (start > 0 and text[start - 1] == "."):
        return bool(word)
    return (len(word) == 1 and word.isupper()) or fold(word) in _ABBREVIATED


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """Return the words between two places of a text."""
    found: list[Token] = []
    new = tuple.__new__  # half the cost of calling Token for each of an article's words
    before, initial = start, True
    for match in _TOKEN.finditer(text, start, end):
        first, last = match.span()
        word = text[first:last]
        low, capital, possessive = _written(word)
        if capital and word[-1] == "s" and text[last : last + 1] in ("'", "’"):
            possessive = True  # the Rovers’ coach
        found.append(new(Token, (word, low, first, last, capital, initial, possessive, text[before:first])))
        before, initial = last, False
    return found


@lru_cache(maxsize=65_536)
def _written(word: str) -> tuple[str, bool, bool]:
    """Return a word folded without its possessive, whether it has a capital, whether it is a possessive."""
    possessive = len(word) > 3 and word[-1] == "s" and word[-2] in "'’"
    return fold((word[:-2] if possessive else word).replace(".", "")), word[0].isupper(), possessive


# ── noun phrases ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Phrase(NamedTuple):
    """A noun phrase: the tokens first..last, the name in it (tokens name_first..name_last, -1 without), what it is."""

    first: int
    last: int
    name_first: int
    name_last: int
    kind: Literal["person", "body", "description", "he", "she", "other"]


def is_blank(gap: str) -> bool:
    return gap in (" ", "", ". ", "-", "’", "'")


class Reader:
    """Reads noun phrases of one text; `known` are the folded words of the names found in it."""

    def __init__(self, grammar: Grammar, known: frozenset[str]) -> None:
        self.grammar = grammar
        self._known = known
        self._dated = calendar_words(grammar.code)

    def is_named(self, token: Token) -> bool:
        """Whether a word is written as (a part of) a name or of a title before it."""
        if not token.capital or token.low in self._dated:
            return False
        if token.low in self.grammar.function and (token.initial or token.low not in self.grammar["skipped"]):
            return False
        if token.low in self._known or self.grammar.is_role(token.low) or self.grammar.is_body(token.low):
            return True
        if self.grammar.code == "de" and token.low not in self._known:
            return word_zipf(token.low, "de") < 3.2
        if not token.initial:
            return True
        return word_zipf(token.low, self.grammar.code) < 4.0

    def run(self, tokens: Sequence[Token], i: int) -> int:
        """Return the place behind the run of named words that begins at i; i itself when none does."""
        j = i
        while j < len(tokens) and (j == i or is_blank(tokens[j].gap)):
            if (
                j > i
                and tokens[j - 1].possessive
                and not self.grammar.is_body(tokens[j].low)
                and not (
                    j + 1 < len(tokens) and tokens[j].capital and self.grammar.is_body(tokens[j + 1].low)
                )
            ):
                break
            if self.is_named(tokens[j]):
                j += 1
            elif (
                j > i
                and tokens[j].low in _CONNECTORS
                and j + 1 < len(tokens)
                and is_blank(tokens[j + 1].gap)
                and self.is_named(tokens[j + 1])
                and not self.grammar.is_role(tokens[j - 1].low)
                and (self.grammar.code != "de" or tokens[j].low in ("von", "zu", "van", "al"))
                and tokens[j].low not in self.grammar["and"]
            ):
                j += 2
            else:
                break
        return j

    def phrase(self, tokens: Sequence[Token], i: int, end: int) -> Phrase | None:
        """Return the noun phrase that begins at token i and ends before `end`."""
        grammar = self.grammar
        if i >= end:
            return None
        token = tokens[i]
        pronouns: tuple[Literal["he", "she"], ...] = ("he", "she")
        for kind in pronouns:
            if token.low in grammar[kind] and not (
                kind == "she" and grammar.code == "de" and token.capital and not token.initial
            ):
                return Phrase(i, i, -1, -1, kind)
        if token.low in grammar["they"] or token.low in grammar["it"]:
            return Phrase(i, i, -1, -1, "other")
        j = i
        while j < end and tokens[j].low in grammar["skipped"] and j == i and tokens[j].capital:
            j += 1
        has_role = False
        while j < end:
            if j > i and "," in tokens[j].gap:
                # "its medical director, Dr Marit Skoglund"
                after = self.run(tokens, j)
                if has_role and after > j and self._is_person_run(tokens, j, after):
                    return self._named(tokens, i, j, after)
                break
            if j > i and not is_blank(tokens[j].gap):
                break
            low = tokens[j].low
            after = self.run(tokens, j)
            is_german_noun = (
                grammar.code == "de" and j > i and tokens[i].low in grammar["the"] | grammar["some"]
            )
            if after > j:
                roles = [k for k in range(j, after) if grammar.is_role(tokens[k].low)]
                has_role = has_role or bool(roles)
                if roles and roles[-1] == after - 1:  # "the Prime Minister"
                    j = after
                    continue
                if tokens[after - 1].possessive:
                    j = after
                    continue
                if (
                    after < end
                    and is_blank(tokens[after].gap)
                    and grammar.is_role(tokens[after].low)
                    and not tokens[after].capital
                ):
                    has_role = True  # "NATO spokesman", then perhaps a name
                    j = after + 1
                    continue
                if (
                    is_german_noun
                    and not roles
                    and not has_role
                    and not all(tokens[k].low in self._known for k in range(j, after))
                ):
                    j = after
                    continue
                if self._is_attribute(tokens, i, after, end):
                    j = after + 1  # "a Senate aide"
                    continue
                return self._named(tokens, i, j, after)
            if grammar.is_role(low) or grammar.is_body(low):
                has_role = has_role or grammar.is_role(low)
                j += 1
                continue
            if low in grammar["of"] and j > i:
                if not has_role:
                    break
                # "the union's chairman in the north, Uwe Sandkuhl": look behind the attribute for the name
                comma = next((k for k in range(j + 1, min(end, j + 8)) if "," in tokens[k].gap), None)
                if comma is not None:
                    after = self.run(tokens, comma)
                    if after > comma and self._is_person_run(tokens, comma, after):
                        return self._named(tokens, i, comma, after)
                break
            if low in grammar["and"] or low in grammar["that"] or (low in grammar["who"] and j > i):
                break
            if low in grammar["said"] or low in grammar["called"]:
                break
            j += 1
        if j == i:
            return None
        is_described = has_role or tokens[i].low in grammar["the"] or tokens[i].low in grammar["some"]
        return Phrase(i, j - 1, -1, -1, "description") if is_described else None

    def _is_attribute(self, tokens: Sequence[Token], first: int, after: int, end: int) -> bool:
        """Whether a run behind an article only describes the common noun that follows it."""
        grammar = self.grammar
        if after >= end or tokens[first].low not in grammar["the"] | grammar["some"]:
            return False
        token = tokens[after]
        is_common = not token.capital and is_blank(token.gap) and token.text.isalpha()
        return is_common and token.low not in grammar.function | grammar["said"] | grammar["called"]

    def _is_person_run(self, tokens: Sequence[Token], first: int, behind: int) -> bool:
        return not any(self.grammar.is_body(tokens[k].low) for k in range(first, behind))

    def _named(self, tokens: Sequence[Token], i: int, first: int, behind: int) -> Phrase:
        """Return the phrase of a run: its titles and what stands before them taken off the name."""
        grammar = self.grammar
        if any(grammar.is_body(tokens[k].low) for k in range(first, behind)):
            last_body = max(k for k in range(first, behind) if grammar.is_body(tokens[k].low))
            if last_body == behind - 1 or tokens[last_body].capital:
                return Phrase(i, behind - 1, first, behind - 1, "body")
        name = first
        for k in range(first, behind):
            if grammar.is_role(tokens[k].low) and k + 1 < behind:
                name = k + 1
        return Phrase(i, behind - 1, name, behind - 1, "person")


# ── who is in the text ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(eq=False)
class Person:
    """Somebody the text introduces: `name` as it gives it in full."""

    name: str
    words: tuple[str, ...]
    roles: set[str] = field(default_factory=set)
    gender: Gender = ""
    is_sure: bool = False  # the text says that it is a person
    is_likely: bool = (
        False  # written like one: two or three words, no article or preposition of place before them
    )
    is_body: bool = False
    is_place: bool = False  # the text has it behind "in" somewhere


class Mention(NamedTuple):
    """One place where a person is named; `leads` when the sentence begins with it, titles apart."""

    person: Person
    paragraph: int
    start: int
    sentence: int
    leads: bool
    possessive: bool


class Cast:
    """The people and bodies of the first `count` paragraphs of a text, in the order of their mentions."""

    def __init__(
        self,
        reader: Reader,
        masked: Sequence[str],
        sentences: Sequence[Sequence[tuple[int, int]]],
        count: int,
    ) -> None:
        self._reader = reader
        self._grammar = reader.grammar
        self._people: dict[tuple[str, ...], Person] = {}
        self._by_word: dict[str, list[Person]] = {}
        self.mentions: list[list[Mention]] = [[] for _ in masked]
        self.tokens: list[list[list[Token]]] = []
        for paragraph, text in enumerate(masked[:count]):
            cut = [tokens_of(text, start, end) for start, end in sentences[paragraph]]
            self.tokens.append(cut)
            for number, tokens in enumerate(cut):
                self._read(text, paragraph, number, tokens)

    def _read(self, text: str, paragraph: int, number: int, tokens: Sequence[Token]) -> None:
        grammar = self._grammar
        behind = 0
        for i, token in enumerate(tokens):
            if not token.capital or i < behind:
                continue
            behind = self._reader.run(tokens, i)
            if behind == i:
                continue
            phrase = self._reader._named(tokens, i, i, behind)
            names = tokens[phrase.name_first : phrase.name_last + 1]
            if names and not (len(names) == 1 and grammar.is_role(names[0].low)):
                before, after = tokens[i - 1] if i else None, tokens[behind] if behind < len(tokens) else None
                roles = [t.low for t in tokens[i : phrase.name_first] if grammar.is_role(t.low)]
                is_titled = before is not None and grammar.is_role(before.low)
                if before is not None and is_titled and before.low not in grammar.function:
                    apposed = "," in tokens[i].gap and _follows_article(tokens, i - 1, grammar)
                    roles += [before.low] if apposed or is_blank(tokens[i].gap) else []
                if after and "," in after.gap:
                    roles += _apposed_roles(tokens, behind, grammar)
                sure = bool(roles) or self._is_marked(text, tokens, i, behind)
                person = self._person(names, is_body=phrase.kind == "body")
                person.roles.update(roles)
                person.is_sure = person.is_sure or (sure and not names[-1].possessive)
                placed = (
                    before is not None
                    and is_blank(tokens[i].gap)
                    and before.low in _PLACING | grammar["the"] | grammar["some"]
                )
                person.is_likely = person.is_likely or (2 <= len(names) <= 4 and not placed)
                if before is not None and before.low in _WITHIN and is_blank(tokens[i].gap):
                    person.is_place = True
                for role in roles:
                    person.gender = person.gender or grammar.gender_of(role)
                leads = (
                    i <= 6
                    and not names[-1].possessive
                    and all(
                        grammar.is_role(t.low) or t.low in grammar["the"] or t.possessive or not t.capital
                        for t in tokens[:i]
                    )
                )
                self.mentions[paragraph].append(
                    Mention(person, paragraph, names[0].start, number, leads, names[-1].possessive)
                )

    def _is_marked(self, text: str, tokens: Sequence[Token], first: int, behind: int) -> bool:
        """Whether what stands around a run says that it is a person: ", 42", ", who", a verb of saying beside it."""
        grammar = self._grammar
        if _AGE.match(text, tokens[behind - 1].end):
            return True
        after = tokens[behind] if behind < len(tokens) else None
        before = tokens[first - 1] if first else None
        if (
            after
            and after.low in grammar["who"]
            and "," in after.gap
            and after.low not in ("which", "that", "der", "die", "das", "que", "che", "som")
        ):
            return True
        if after and after.low in grammar["said"] and is_blank(after.gap):
            return True
        return bool(before and before.low in grammar["said"] and is_blank(tokens[first].gap))

    def _person(self, names: Sequence[Token], *, is_body: bool) -> Person:
        words = tuple(token.low for token in names)
        found = self._people.get(words)
        if found:
            return found
        if not is_body:
            longer = [p for p in self._by_word.get(words[-1], ()) if _is_part(words, p.words)]
            if len(longer) == 1:
                return longer[0]
        last = names[-1]
        label = "".join(t.gap + t.text for t in names)[len(names[0].gap) : -len(last.text)]
        bare = last.text[:-2] if last.possessive and last.text[-2:-1] in ("'", "’") else last.text
        person = Person(name=label + bare, words=words, is_body=is_body)
        self._people[words] = person
        for word in set(words):
            self._by_word.setdefault(word, []).append(person)
        return person

    def person(self, names: Sequence[Token], *, is_body: bool = False) -> Person:
        """Return who is meant by a name, in full where the text gives one person of that name."""
        return self._person(names, is_body=is_body)

    def by_role(self, role: str, paragraph: int, start: int) -> Person | None:
        """Return the one person introduced with a title before a place; None when there are several or none."""
        holders = {
            m.person.name: m.person
            for mentions in self.mentions[: paragraph + 1]
            for m in mentions
            if role in m.person.roles and (m.paragraph < paragraph or m.start < start)
        }
        return next(iter(holders.values())) if len(holders) == 1 else None

    def by_pronoun(
        self, gender: Gender, paragraph: int, sentence: int, start: int, spoke: tuple[Person, int] | None
    ) -> Person | None:
        """Return the one person whom "he" or "she" can mean at a place, None when there is none or more than one.

        gender "" is the verb of a language that leaves its pronoun out.  `spoke` was the last speaker of the paragraph, with the
        number of the sentence.
        """
        here = [m for m in self.mentions[paragraph] if m.start < start and self._fits(m.person, gender)]
        last = spoke[0] if spoke is not None and self._fits(spoke[0], gender) else None
        named = {m.person.name: m.person for m in here} | ({last.name: last} if last else {})
        if len(named) == 1:
            return next(iter(named.values()))
        # The one that leads this sentence, or the nearest before it that a person leads or speaks in.
        for number in range(sentence, max(-1, sentence - 4), -1):
            leading = [m for m in here if m.sentence == number and m.leads]
            if leading:
                return leading[0].person
            role = self._leading_role(paragraph, number) if number < sentence else None
            if role is not None:  # "The official expected …": he, if he is known, and nobody else
                holder = self.by_role(role, paragraph, start)
                return holder or (last if last is not None and role in last.words else None)
            if last is not None and spoke is not None and spoke[1] == number:
                return last
        if gender:
            known = {m.person.name: m.person for m in here if m.person.gender == gender}
            if len(known) == 1:
                return next(iter(known.values()))
        if last is not None:
            return last
        if here or paragraph == 0:
            return None
        before = {
            m.person.name: m.person
            for m in self.mentions[paragraph - 1]
            if m.person.is_sure and self._fits(m.person, gender)
        }
        return next(iter(before.values())) if len(before) == 1 else None

    def _leading_role(self, paragraph: int, number: int) -> str | None:
        """Return the office that a sentence has as its subject: "the official"."""
        tokens = self.tokens[paragraph][number]
        phrase = self._reader.phrase(tokens, 0, min(6, len(tokens)))
        if phrase is None or phrase.kind != "description":
            return None
        lows = [token.low for token in tokens[phrase.first : phrase.last + 1]]
        return next((low for low in reversed(lows) if self._grammar.is_role(low)), None)

    @staticmethod
    def _fits(person: Person, gender: Gender) -> bool:
        is_person = not person.is_body and (person.is_sure or person.is_likely)
        if person.is_place and not person.roles:
            return False
        return is_person and (not gender or not person.gender or person.gender == gender)


def _is_part(words: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    if len(words) >= len(whole):
        return False
    if whole[-len(words) :] == words:
        return True
    # East Asian family names come first, and short: "Cho" of "Cho Tae-yul".
    return (
        len(words) == 1
        and whole[0] == words[0]
        and len(whole) == 2
        and "-" in whole[1]
        and len(words[0]) <= 5
    )


def _follows_article(tokens: Sequence[Token], i: int, grammar: Grammar) -> bool:
    """Whether the office at i belongs to the name behind the comma: "the prime minister, Oskar Lindqvane"."""
    for k in range(i, max(-1, i - 6), -1):
        if k < i and "," in tokens[k + 1].gap:
            return False
        if tokens[k].low in grammar["the"] or tokens[k].possessive:
            return True
    return False


def _apposed_roles(tokens: Sequence[Token], behind: int, grammar: Grammar) -> Iterator[str]:
    """Yield the offices of an apposition: ", the board's chairman and treasurer,"."""
    first = tokens[behind].low
    if not (
        first in grammar["the"]
        or first in grammar["some"]
        or grammar.is_role(first)
        or not tokens[behind].capital
    ):
        return
    for k in range(behind, min(len(tokens), behind + 7)):
        if (
            (k > behind and "," in tokens[k].gap)
            or tokens[k].low in grammar["who"]
            or tokens[k].low in grammar["said"]
        ):
            return
        if tokens[k].low in grammar["of"] and k > behind:
            return
        if grammar.is_role(tokens[k].low):
            yield tokens[k].low
