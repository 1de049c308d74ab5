"""Figures: what numbers a text gives, of what, in which unit.

"$457 billion", "5 percent of GDP", "180 additional K2 tanks", "1.234,5 Tonnen", "1억1000만 크라운", "between 2 and 3 million people".
Numbers are read as the language writes them (its decimal point from CLDR, words and scales from its table).  Dates, years,
times of day, ordinals, scores and numbers that only name a thing ("Risk 7", "Heron-3") are no figures.

Cost: about 0.7 ms an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from tidings.model import Figure, FigureBound, TimeExpression
from tidings.stories.calendars import lowered
from tidings.stories.korean import noun_of
from tidings.stories.lexicon import DENSE, either, table_of, words_of
from tidings.stories.rarity import primary
from tidings.stories.units import CURRENCY_ADJECTIVES, MEASURES, SYMBOLS, currency_of
from tidings.text import HANGUL

MOST_FIGURES = 200  # of one article
COUNTED_WORDS = 5
COUNTED_CHARACTERS = 90
MOST_DIGITS = 24
_SPACED_GROUPS = frozenset(
    [
        "fr",
        "ru",
        "pl",
        "sv",
        "nb",
        "no",
        "nn",
        "da",
        "fi",
        "cs",
        "sk",
        "uk",
        "bg",
        "es",
        "pt",
        "hu",
        "et",
        "lv",
        "lt",
    ]
)
_ROMANCE = frozenset(("fr", "es", "it", "pt"))
_POINTED_ORDINALS = frozenset(("de", "da", "nb", "no", "pl", "cs", "fi"))
_WORD = re.compile(r"[^\W_]+(?:[-'’./][^\W_]+)*")
_UNIT_WORD = re.compile(r"°?[^\W\d_]+(?:/[^\W\d_]+)?|°")
_PEOPLE = frozenset(
    [
        "people",
        "men",
        "women",
        "children",
        "police",
        "staff",
        "personnel",
        "troops",
        "cattle",
        "sheep",
        "aircraft",
        "dead",
        "injured",
    ]
)
_CLOCK = re.compile(r"\s?(?:a\.?m\b|p\.?m\b|uhr\b|h\d{0,2}\b|o['’]clock)")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ère|ème|e|º|ª|°)(?!\w)|[-–][^\W\d]|[-–/]\d")
_HAPPENS = re.compile(r"\s(?:were|are|have|had|could|of them|died|die)\b")
# Behind these a number is a name.
_LABELS = frozenset(
    [
        "no",
        "no.",
        "nos",
        "number",
        "page",
        "pages",
        "chapter",
        "section",
        "article",
        "annex",
        "risk",
        "room",
        "flight",
        "route",
        "highway",
        "phase",
        "grade",
        "level",
        "channel",
        "platform",
        "gate",
        "group",
        "line",
        "seite",
        "kapitel",
        "artikel",
        "nr",
        "nr.",
        "platz",
        "gleis",
        "numéro",
        "n°",
        "página",
        "capítulo",
        "artículo",
        "pagina",
    ]
)
_BETWEEN = frozenset(["between", "zwischen", "entre", "tra", "fra", "tussen", "mellan", "между", "między"])
_AND = frozenset(["and", "und", "et", "y", "e", "en", "och", "и", "i"])


def figures_in(
    paragraphs: Sequence[str], language: str | None, *, times: Iterable[TimeExpression] = ()
) -> tuple[Figure, ...]:
    """Return the figures of a text in order, none overlapping; numbers inside one of these times are left out."""
    rules = _rules(primary(language))
    if rules is None:
        return ()
    taken: dict[int, list[tuple[int, int]]] = {}
    for time in times:
        taken.setdefault(time.paragraph, []).append((time.start, time.end))
    found: list[Figure] = []
    for number, text in enumerate(paragraphs):
        low = lowered(text)
        dates = taken.get(number, ())
        here = 0
        for match in rules.number.finditer(low):
            if match.start() < here or any(a < match.end() and match.start() < b for a, b in dates):
                continue
            figure = _figure(rules, text, low, number, match, here)
            if figure is not None:
                found.append(figure)
                here = figure.end
                if len(found) == MOST_FIGURES:
                    return tuple(found)
    return tuple(found)


# ── rules of a language ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Rules:
    """`number` has a group "digits" or "word"; patterns match in small letters."""

    code: str
    number: re.Pattern[str]
    digits: re.Pattern[str]
    scale: re.Pattern[str]
    one_scale: re.Pattern[str]
    scaled_part: re.Pattern[str]
    percent: re.Pattern[str]
    percent_before: tuple[str, ...]
    bound: re.Pattern[str]
    vague: re.Pattern[str] | None
    range: re.Pattern[str]
    of: frozenset[str]
    stop: frozenset[str]
    words: Mapping[str, int]
    scales: Mapping[str, Decimal]
    counter: re.Pattern[str]
    decimal: str
    least: frozenset[str]
    most: frozenset[str]

    @property
    def is_dense(self) -> bool:
        return self.code in DENSE


@lru_cache(maxsize=32)
def _rules(code: str) -> _Rules | None:
    table = table_of(code, "figures")
    if table is None:
        return None
    words = {w: int(n) for w, n in table.get("numbers", {}).items()}
    if code == "de":
        words |= _german(words)
    scales = {w: Decimal(int(n)) for w, n in table.get("scales", {}).items()}
    dense = code in DENSE
    decimal = _decimal_of(code)
    counters = either(str(table.get("counters", "")).split())
    about, least, most = words_of(table, "about"), table.get("least", []), table.get("most", [])
    percents = [
        f"(?P<{name}>{either(table.get(name, []))})"
        for name in ("basis", "points", "percent")
        if table.get(name)
    ]
    edge = "" if dense else r"(?!\w)"
    behind = r"\s?" if dense else r"\s(?:(?:the|a|an|von|de|d['’]|of|ein|una|un|une)\s)?"
    return _Rules(
        code=code,
        digits=re.compile(rf"(?P<digits>{_digits_pattern(code, decimal)})(?![\d:]|[.,]\d)"),
        number=re.compile(_number_pattern(code, decimal, words, scales, counters)),
        scale=re.compile(rf"{'' if dense else '[ -]?'}(?P<scale>{either(scales)}){edge}"),
        one_scale=re.compile(either(scales)),
        scaled_part=re.compile(rf"(\d[\d,]*(?:\.\d+)?)\s?((?:{either(scales)})*)"),
        percent=re.compile(rf"\s?(?:{'|'.join(percents)}){edge}"),
        percent_before=tuple(table.get("percent_before", ())),
        bound=re.compile(rf"(?<!\w)(?P<bound>{either([*least, *most, *about])}){behind}$"),
        vague=re.compile(rf"(?<!\w){either(table['vague'])} $") if "vague" in table else None,
        range=re.compile(rf"\s?(?P<sep>{either(table.get('range', ['-', '–']))})\s?"),
        of=words_of(table, "of"),
        stop=words_of(table, "stop"),
        words=words,
        scales=scales,
        counter=re.compile(rf"\s?여?\s?(?P<counter>{counters})"),
        decimal=decimal,
        least=frozenset(least),
        most=frozenset(most),
    )


def _decimal_of(code: str) -> str:
    try:
        return str(Locale.parse(code).number_symbols["latn"]["decimal"])
    except (UnknownLocaleError, KeyError, ValueError):
        return "."


def _digits_pattern(code: str, decimal: str) -> str:
    group = "," if decimal == "." else "."
    spaced = r"|\d{1,3}(?: \d{3})+(?!\d)" if code in _SPACED_GROUPS else ""
    fraction = rf"(?:{re.escape(decimal)}\d+)?"
    return rf"(?:\d{{1,3}}(?:[{group}'’]\d{{3}})+(?!\d){fraction}{spaced}|\d+{fraction})"


def _number_pattern(
    code: str, decimal: str, words: Mapping[str, int], scales: Mapping[str, Decimal], counters: str
) -> str:
    digits = _digits_pattern(code, decimal)
    if code in DENSE:
        scale, space = either(scales), r"\s?" if code == "ko" else ""
        # 1억1000만, 3조 5000억, 1万3000
        chain = rf"{digits}(?:{space}(?:{scale})+(?:{space}{digits}(?={space}(?:{scale}))(?:{space}(?:{scale})+))*(?:{space}\d{{1,4}}(?!\d))?)?"
        native = (
            rf"|(?<![{HANGUL}])(?P<word>{either(words)})(?=\s(?:{counters}))" if words else "|(?P<word>(?!))"
        )
        return rf"(?<![\d.,:/A-Za-z-])(?P<digits>{chain})(?![\d:]){native}"
    many = either(words)
    spelled = (
        rf"(?<![\w-])(?P<word>(?:{many})(?:[\s-](?:and\s)?(?:{many}))*)(?![\w-])"
        if words
        else r"(?P<word>(?!))"
    )
    return rf"(?<![\w.,:/’'°-])(?P<digits>{digits})(?![\d:]|[.,]\d)|{spelled}"


def _german(words: Mapping[str, int]) -> dict[str, int]:
    """Return the compounds of German: einundzwanzig to neunundneunzig, hundreds and thousands."""
    ones = {
        w: n for w, n in words.items() if 1 <= n <= 9 and w not in ("eins", "eine", "einen", "einem", "einer")
    }
    tens = {w: n for w, n in words.items() if 20 <= n <= 90 and n % 10 == 0}
    made = {f"{a}und{b}": m + n for (a, m), (b, n) in product(ones.items(), tens.items())}
    for a, n in {**ones, **{w: n for w, n in words.items() if 10 <= n <= 19}}.items():
        made[f"{a}hundert"], made[f"{a}tausend"] = n * 100, n * 1000
    return made


@lru_cache(maxsize=1)
def _currency_codes() -> frozenset[str]:
    return frozenset(get_global("all_currencies"))


# ── one figure ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _figure(
    r: _Rules, text: str, low: str, paragraph: int, match: re.Match[str], floor: int
) -> Figure | None:
    """Return the figure that a number begins, None when it is none.  Nothing before `floor` is taken into it."""
    value = _value(r, match)
    end, high = _range(r, low, match)
    if value is None or (high is not None and high <= value) or low.startswith("분의", end):
        return None  # a score, an edition, a telephone number, a fraction
    number_end = end
    start, unit = _unit_before(r, text, low, match.start(), floor)
    end, factor = _scale(r, low, end, is_money=bool(unit))
    if match["digits"] is None and value < 2 and factor == 1:
        return None  # an article more often than a number
    if not unit:
        unit, end = _unit_after(r, text, low, end)
    counted, end = _counted(r, text, low, end, unit, match.start())
    before = low[max(floor, start - 28) : start]
    if match["digits"] is None and r.vague is not None and r.vague.search(before):
        return None  # "several hundred"
    if not unit and not _is_count(
        r, text, low, match, number_end, value, counted, before, is_scaled=factor != 1
    ):
        return None
    bound, start = _bound(r, start, before)
    return Figure(
        paragraph=paragraph,
        start=start,
        end=end,
        words=text[start:end],
        value=_tidied(value * factor),
        unit=unit,
        counted=counted,
        high=None if high is None else _tidied(high * factor),
        bound=bound,
    )


def _tidied(number: Decimal) -> Decimal:
    """Return a number without zeros that say nothing and without an exponent."""
    whole = number.to_integral_value()
    return whole if whole == number else number.normalize()


def _value(r: _Rules, match: re.Match[str]) -> Decimal | None:
    written = match["digits"]
    if written is None:
        return _spelled(r, match["word"])
    if not r.is_dense:
        return _plain(r, written)
    total = Decimal(0)
    for digits, scales in r.scaled_part.findall(written):
        number = _plain(r, digits)
        if number is None:
            return None
        for scale in r.one_scale.findall(scales):
            number *= r.scales[scale]
        total += number
    return total


def _plain(r: _Rules, written: str) -> Decimal | None:
    whole, _, fraction = written.partition(r.decimal)
    whole = "".join(c for c in whole if c.isdecimal())
    if not whole or len(whole) + len(fraction) > MOST_DIGITS:
        return None
    return Decimal(f"{int(whole)}.{fraction}") if fraction else Decimal(int(whole))


def _spelled(r: _Rules, written: str) -> Decimal:
    """Return the number of words: smaller ones add, hundred, thousand and dozen multiply."""
    total = current = 0
    for word in re.split(r"[\s-]+", written):
        number = r.words.get(word, 0)
        if number == 1000:
            total, current = total + max(current, 1) * 1000, 0
        elif current and (
            number == 100 or word in ("dozen", "dutzend", "douzaine", "docena", "dozzina", "dozijn")
        ):
            current *= number
        else:
            current += number
    return Decimal(total + current)


def _range(r: _Rules, low: str, match: re.Match[str]) -> tuple[int, Decimal | None]:
    """Return where "2 to 5" ends and its upper number; the number's own end and None without one."""
    sep = r.range.match(low, match.end())
    is_word = match["digits"] is None
    if sep is None or (is_word and sep["sep"] in "-–—~∼～〜"):
        return match.end(), None
    if sep["sep"] in _AND and low[max(0, match.start() - 12) : match.start()].split()[-1:] not in [
        [b] for b in _BETWEEN
    ]:
        return match.end(), None
    following = (r.number if is_word else r.digits).match(low, sep.end())  # four to five, 4–5
    if following is not None and is_word and following["digits"] is not None:
        return match.end(), None
    value, high = _value(r, match), _value(r, following) if following else None
    if following is None or high is None:
        return match.end(), None
    if value is not None and high <= value and sep["sep"] not in "-–—~∼～〜":
        return match.end(), None
    return following.end(), high


def _scale(r: _Rules, low: str, end: int, *, is_money: bool) -> tuple[int, Decimal]:
    if r.is_dense and r.code != "th":
        return end, Decimal(1)  # part of the number
    scale = r.scale.match(low, end)
    if scale is None or (len(scale["scale"]) <= 2 and not is_money and scale["scale"].isascii()):
        return end, Decimal(1)  # "5 m" is metres, "$5m" millions
    return scale.end(), r.scales[scale["scale"]]


def _unit_before(r: _Rules, text: str, low: str, start: int, floor: int) -> tuple[int, str]:
    """Return where the unit before a number begins, and which it is: "US$5", "EUR 5", "yüzde 5"."""
    begin = start - 1 if text[start - 1 : start] == " " and start > floor else start
    for length in (3, 2, 1):
        written = text[max(floor, begin - length) : begin]
        if len(written) < length or written not in SYMBOLS:
            continue
        if written[0].isalpha() and text[max(0, begin - length - 1) : begin - length].isalnum():
            continue
        return begin - length, "CNY" if written in "¥￥" and r.code == "zh" else SYMBOLS[written]
    code = text[max(floor, begin - 3) : begin]
    if (
        begin < start
        and code in _currency_codes()
        and not text[max(0, begin - 4) : max(0, begin - 3)].isalnum()
    ):
        return begin - 3, code
    for word in r.percent_before:
        if low.startswith(word, max(floor, begin - len(word))):
            return begin - len(word), "percent"
    return start, ""


def _unit_after(r: _Rules, text: str, low: str, end: int) -> tuple[str, int]:
    percent = r.percent.match(low, end)
    if percent:
        kind = percent.lastgroup or "percent"
        return {"basis": "basis point", "points": "percentage point"}.get(kind, "percent"), percent.end()
    if r.is_dense:
        return _dense_unit(r, low, end)
    place = end + (low[end : end + 1] == " ")
    if text[place : place + 1] in ("€", "£", "$", "₩", "₽", "₺", "₹"):
        return SYMBOLS[text[place]], place + 1
    if place == end and low[end : end + 1] not in ("k", "m", "t", "l", "g", "c", "h", "°"):
        return "", end
    if r.code in _ROMANCE:
        of = _OF.match(low, place)
        place = of.end() if of else place
    word = _UNIT_WORD.match(low, place)
    if word is None:
        return "", end
    name = word.group()
    if name in CURRENCY_ADJECTIVES or low.startswith("u.s. ", place):
        second = _UNIT_WORD.match(low, place + (5 if low.startswith("u.s. ", place) else len(name) + 1))
        currency = currency_of(second.group(), name) if second else None
        return (currency, second.end()) if currency and second else ("", end)
    if text[place : word.end()] in _currency_codes() and len(name) == 3:
        return name.upper(), word.end()
    currency = currency_of(name)
    if currency is not None and not (name in ("won", "real", "rand") and not _is_money(low, word.end())):
        return currency, word.end()
    if name in MEASURES and text[place : word.end()] != "M":
        return MEASURES[name], word.end()
    return "", end


_OF = re.compile(r"(?:de|d['’]|di)\s?")


def _is_money(low: str, end: int) -> bool:
    """Whether "won" is the currency, not what somebody did: "5 won a prize"."""
    following = low[end : end + 5]
    return (
        not following.strip()
        or following[0] in ".,;)"
        or following.startswith((" (", " in ", " for", " to ", " from"))
    )


def _dense_unit(r: _Rules, low: str, end: int) -> tuple[str, int]:
    place = end
    while low[place : place + 1] in ("여", " ") and place < end + 3:
        place += 1
    for length in range(6, 0, -1):
        word = low[place : place + length]
        if len(word) < length:
            continue
        currency = currency_of(word)
        if currency is not None and not (word == "원" and low[place + 1 : place + 2] in ("장", "내")):
            return currency, place + length
        if length > 1 and word in MEASURES:
            return MEASURES[word], place + length
    counter = r.counter.match(low, end)
    if counter is None:
        return "", end
    return MEASURES.get(counter["counter"], counter["counter"]), counter.end()


def _counted(r: _Rules, text: str, low: str, end: int, unit: str, start: int) -> tuple[str, int]:
    """Return what is counted and where its words end: "K2 tanks", of "5 percent of GDP" the "GDP"."""
    if r.is_dense:
        return (_korean_counted(text, start) if r.code == "ko" else ""), end
    place = end
    if unit:
        of = _ATTRIBUTE.match(low, end)
        if (
            of is None
            or of[1] not in r.of
            or (not unit.startswith(("perc", "basis")) and unit not in _AMOUNTS)
        ):
            return "", end
        place = of.end()
        article = _ARTICLE.match(low, place)
        place = article.end() if article else place
    elif low[end : end + 1] == " ":
        place += 1
        share = _SHARE.match(low, place)
        whole = r.number.match(low, share.end()) if share else None
        of = _OF.match(low, place) if r.code in _ROMANCE else None
        if whole is not None and low[whole.end() : whole.end() + 1] == " ":
            place = whole.end() + 1  # 31 of 61 seats
        elif of is not None:
            place = of.end()
    else:
        return "", end
    words: list[re.Match[str]] = []
    for word in _WORD.finditer(low, place, min(len(low), place + COUNTED_CHARACTERS)):
        gap = low[words[-1].end() if words else place : word.start()]
        if gap.strip() or word.group() in r.stop or len(words) == COUNTED_WORDS:
            break
        words.append(word)
    words = words[: _noun(r, text, words, is_share=bool(unit))]
    return (text[words[0].start() : words[-1].end()], words[-1].end()) if words else ("", end)


_ATTRIBUTE = re.compile(r"\s(d['’]|[^\W\d_]+\b)\s?")
_ARTICLE = re.compile(r"(?:the|la|le|el|il|het|their|its|all)\s|l['’]")
_SHARE = re.compile(r"(?:of|der|des|von|de|di)\s(?:(?:the|los|den|les)\s)?")
_AMOUNTS = frozenset(("t", "kg", "l", "barrel", "ha", "m", "km", "ounce"))


def _noun(r: _Rules, text: str, words: Sequence[re.Match[str]], *, is_share: bool) -> int:
    """Return how many of these words lead up to the noun that is counted, it included; 0 when none is told."""
    capital = [text[word.start()].isupper() for word in words]
    if r.code == "de":
        return next((i + 1 for i, is_capital in enumerate(capital) if is_capital), 0)
    if r.code != "en":
        return min(1, len(words))
    for i, word in enumerate(words):
        low = word.group()
        is_plural = low.endswith("s") and not low.endswith(("ss", "'s", "’s", "ous", "us", "is"))
        if low in _PEOPLE or (is_plural and not (capital[i] and i + 1 < len(words) and capital[i + 1])):
            return i + 1
    if is_share and words:
        capitals = next((i for i, is_capital in enumerate(capital) if not is_capital), len(words))
        return capitals or min(len(words), 3 if words[-1].group() == "product" else 2)
    return 0


_KOREAN_ADVERBS = frozenset(
    [
        "가운데",
        "모두",
        "이번",
        "지난",
        "전체",
        "최소",
        "최대",
        "하루",
        "매년",
        "해마다",
        "가량",
        "이상",
        "이하",
        "지금",
        "이미",
    ]
)


def _korean_counted(text: str, start: int) -> str:
    """Return the noun before a number: 선수는 41명."""
    words = text[max(0, start - 24) : start].split()
    noun = noun_of(re.sub(r"[^\w]", "", words[-1])) if words else ""
    is_noun = (
        len(noun) >= 2
        and noun not in _KOREAN_ADVERBS
        and noun[-1] not in "다고며서로에"
        and re.fullmatch(f"[{HANGUL}]+", noun)
    )
    return noun if is_noun and noun in text[max(0, start - 24) : start] else ""


def _is_count(
    r: _Rules,
    text: str,
    low: str,
    match: re.Match[str],
    end: int,
    value: Decimal,
    counted: str,
    before: str,
    *,
    is_scaled: bool,
) -> bool:
    """Whether a bare number counts something: it is no year, time of day, ordinal or label."""
    if r.is_dense:
        return value >= 10_000
    if match["digits"] is None:
        return value >= 2 and (bool(counted) or is_scaled or bool(_HAPPENS.match(low, end)))
    if (
        _CLOCK.match(low, end)
        or _ORDINAL.match(low, end)
        or (before.split()[-1:] and before.split()[-1].strip('(“"') in _LABELS)
    ):
        return False
    if (
        r.code in _POINTED_ORDINALS
        and value < 100
        and re.match(r"\.\s[^\W\d]", low[end : end + 3])
        and text[end + 2].islower()
    ):
        return False
    is_year = match["digits"].isdecimal() and len(match["digits"]) == 4 and 1400 <= value <= 2200
    if is_scaled:
        return True
    if counted:
        return not is_year or counted.split()[-1].lower() in _PEOPLE or not 1900 <= value <= 2060
    return not is_year and value >= 2 and not _names_a_thing(text, match.start())


def _names_a_thing(text: str, start: int) -> bool:
    """Whether a number belongs to the capitalised word before it, inside a sentence: "Heron 3"."""
    before = text[max(0, start - 30) : start]
    word = re.search(r"([^\W\d_][\w.’'-]*) $", before)
    return bool(
        word
        and word[1][0].isupper()
        and before[: word.start()].strip()[-1:] not in ("", ".", "“", '"', "„", "!", "?")
    )


def _bound(r: _Rules, start: int, before: str) -> tuple[FigureBound, int]:
    """Return what qualifies a number, and where the figure begins with it: "at least 300"."""
    found = r.bound.search(before)
    if found is None:
        return "exact", start
    place = start - (len(before) - found.start("bound"))
    words = found["bound"]
    if words in r.least:
        return "at least", place
    return ("at most", place) if words in r.most else ("about", place)
