"""Wire agencies, as a text credits them: "SEOUL (Yonhap) --", "(Reuters)", "— Concord Wire", "(서울=연합뉴스)", "dpa/lno".

Only a credit counts: a name in brackets at the beginning or the end, a dateline, a trailing line, a byline.  An article that
merely mentions an agency ("Reuters reported") is not its copy.  AGENCIES can be extended: canonical name → spellings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

AGENCIES: Mapping[str, tuple[str, ...]] = {
    "AAP": ("AAP", "Australian Associated Press"),
    "AFP": ("AFP", "Agence France-Presse", "Agence France Presse"),
    "ANSA": ("ANSA",),
    "ANI": ("ANI",),
    "Anadolu": ("AA", "Anadolu", "Anadolu Agency", "Anadolu Ajansı"),
    "AP": ("AP", "Associated Press", "The Associated Press"),
    "APA": ("APA",),
    "ATS": ("ATS", "Keystone-SDA", "Keystone-ATS"),
    "Belga": ("Belga", "BELGA"),
    "Bloomberg": ("Bloomberg", "Bloomberg News"),
    "Concord Wire": ("CW", "Concord Wire"),
    "CNA": ("CNA", "中央社"),
    "dpa": ("dpa", "DPA", "Deutsche Presse-Agentur"),
    "EFE": ("EFE", "Agencia EFE"),
    "Europa Press": ("Europa Press", "EUROPA PRESS"),
    "IANS": ("IANS",),
    "Interfax": ("Interfax", "Интерфакс"),
    "Kyodo": ("Kyodo", "Kyodo News", "共同", "共同通信"),
    "Jiji": ("Jiji", "Jiji Press", "時事", "時事通信"),
    "Lusa": ("Lusa", "LUSA"),
    "NTB": ("NTB",),
    "Newsis": ("Newsis", "뉴시스"),
    "News1": ("News1", "뉴스1"),
    "PA": ("PA", "PA Media", "Press Association"),
    "PAP": ("PAP",),
    "PTI": ("PTI", "Press Trust of India"),
    "Reuters": ("Reuters", "REUTERS", "Thomson Reuters"),
    "SID": ("SID", "sid"),
    "TASS": ("TASS", "ТАСС"),
    "The Canadian Press": ("The Canadian Press", "Canadian Press"),
    "TT": ("TT",),
    "UPI": ("UPI", "United Press International"),
    "Xinhua": ("Xinhua", "新华社", "新華社"),
    "Yonhap": ("Yonhap", "Yonhap News Agency", "Yonhap News", "연합뉴스"),
}

_BY_SPELLING = {spelling: agency for agency, spellings in AGENCIES.items() for spelling in spellings}
_BY_FOLDED = {spelling.casefold(): agency for spelling, agency in reversed(_BY_SPELLING.items())}
_SPELLED = "|".join(re.escape(s) for s in sorted(_BY_SPELLING, key=len, reverse=True))
# Names long enough to be no one's initials: these count as a credit without brackets.
_LONG = "|".join(
    re.escape(s) for s in sorted(_BY_SPELLING, key=len, reverse=True) if len(s) > 4 or not s.isascii()
)

# "(AP)", "[Reuters]", "(서울=연합뉴스)", "(Reuters/AFP)", "(dpa/lno)"; the first agency named is taken.
_BRACKETED = re.compile(
    rf"[(\[【（](?:[^()\[\]]{{1,24}}[=/ ])?(?P<name>{_SPELLED})(?:\s*[/,=|–—-]\s*[^()\[\]]{{1,24}})?[)\]】）]"
)
# "WASHINGTON, March 5 - Reuters -": a dateline with the agency between dashes.
_DATELINE = re.compile(rf"^[^\n.]{{2,48}}\s[-–—]\s?(?P<name>{_LONG})\s?[-–—]\s")
_TRAILING = re.compile(
    rf"(?:^|[.!?”\"']\s+)(?:[-–—*©]+\s*|(?:Source|Quelle|Mit Material von|With|©)\s*:?\s+)?(?P<name>{_SPELLED})\s*\.?$"
)
_CREDIT = re.compile(
    rf"(?:(?:with|from|mit)\s+(?:files|reporting|material|reports)\s+(?:from|by|von)|©(?:\s*\d{{4}})?|Copyright\s+\d{{4}}|"
    rf"^(?:Reporting )?by|Agence|Agentur|Source|Quelle)\s*:?\s+(?:the\s+)?(?P<name>{_LONG}|AP|AFP|dpa)\b",
    re.IGNORECASE,
)
_BEGINNING = 180  # characters in which a dateline stands
_ENDING = 160


def credited_agency(
    paragraphs: Sequence[str], *, byline: Sequence[str] = (), dateline: str | None = None
) -> str | None:
    """Return the canonical name of the agency that a text credits, None when it credits none.

    Looked for in this order: dateline, byline, the beginning of the first paragraphs, the last paragraphs.
    """
    if dateline and (agency := _bracketed(dateline) or _BY_SPELLING.get(dateline.strip())):
        return agency
    for name in byline:
        bare = re.sub(r"^(?:by|von|par)\s+", "", name.strip(), flags=re.IGNORECASE)
        if bare in _BY_SPELLING:
            return _BY_SPELLING[bare]
        for part in re.split(r"[,/|]| (?:for|and|und|via) ", bare):
            if part.strip() in _BY_SPELLING and len(part.strip()) > 2:
                return _BY_SPELLING[part.strip()]
    for paragraph in paragraphs[:2]:
        beginning = paragraph[:_BEGINNING]
        if agency := _bracketed(beginning) or _named(_DATELINE, beginning):
            return agency
    for paragraph in reversed(paragraphs[-3:]):
        ending = paragraph[-_ENDING:]
        credit = _bracketed(ending[-60:]) or _named(_TRAILING, ending)
        if agency := credit or (_named(_CREDIT, ending) if len(paragraph) < 2 * _ENDING else None):
            return agency
    return None


def agency_named(publisher: str) -> str | None:
    """Return the agency that a publisher's name is, None when it is no agency."""
    name = publisher.strip()
    if name.isascii() and len(name) <= 3:
        return _BY_SPELLING.get(name) if name in ("AFP", "dpa", "AP", "PTI", "EFE") else None
    return _folded(name)


def _bracketed(text: str) -> str | None:
    return _named(_BRACKETED, text)


def _named(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return _BY_SPELLING.get(match["name"]) or _folded(match["name"]) if match else None


def _folded(name: str) -> str | None:
    """Return the agency of a name found without regard to case."""
    return _BY_FOLDED.get(name.casefold())
