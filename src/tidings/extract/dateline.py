"""The place, date and agency that open an agency's report."""

from __future__ import annotations

import re

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|janv|févr|fév|mars|avr|mai|juin|juil|août|déc|"
    r"märz|mär|okt|dez|gen|mag|giu|lug|set|ott|fev|out)\w*\.?"
)
_DATE = (
    rf"(?:le\s+)?(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}\.?\s+(?:de\s+)?{_MONTH})(?:,?\s+\d{{4}})?"
)
_UPPER = r"[A-ZÀ-ÖØ-ÞЀ-Я][A-ZÀ-ÖØ-ÞЀ-Я.'’‑-]*"
_PLACE = rf"{_UPPER}(?:[ /]{_UPPER}){{0,3}}"  # PORT ELIN
_WORD = r"[A-ZÀ-ÖØ-ÞЀ-Я][\w.'’‑-]*"
_MIXED = rf"{_WORD}(?:[ /](?:(?:de|del|do|da|la|el|am|an der|upon)\s)?{_WORD}){{0,3}}"  # Port Elin
_REGION = rf"(?:,\s+{_MIXED}){{0,2}}"
_AGENCY = r"\((?:[^\W\d_][\w.&/ -]{1,28})\)"
_DASH = r"(?:\s*(?:[–—]|--)\s*|\s+-\s+|\s*\.\s*[–—-]+\s+)"
_PATTERNS = [
    # PORT ELIN, March 5 (CW) — and each part missing; capitals alone suffice before a dash.
    re.compile(rf"^(?P<dateline>{_PLACE}{_REGION}(?:,\s+(?i:{_DATE}))?(?:\s+{_AGENCY})?){_DASH}(?=\S)"),
    # Port Elin (CW) — : without capitals only an agency or a date tells a place from a sentence.
    re.compile(rf"^(?P<dateline>{_MIXED}{_REGION}(?:,\s+(?i:{_DATE}))?\s+{_AGENCY})(?:{_DASH}|\s*:\s+)"),
    re.compile(rf"^(?P<dateline>{_MIXED}{_REGION},\s+(?i:{_DATE}))\s+(?:[–—]|--?)\s+(?=\S)"),
    # (CNN)President …   (Reuters) - …
    re.compile(
        r"^(?P<dateline>\((?:[A-Z]{2,5}|Reuters|Bloomberg|Xinhua|Yonhap|Kyodo News|dpa|ots)\))(?:\s*[–—-]{1,2}\s*|\s*(?=[“\"A-Z]))"
    ),
    # (서울=연합뉴스) 홍길동 기자 =   [서울=뉴시스]   【东京＝共同社】
    re.compile(r"^(?P<dateline>[(\[【（［〔][^)\]】）］〕]{1,20}[=＝][^)\]】）］〕]{1,20}[)\]】）］〕])\s*"),
    # 新华社北京3月5日电   中新社北京3月5日电（记者 …）
    re.compile(
        r"^(?P<dateline>(?:新华社|新華社|中新社|中新网|中央社)[^，。,]{1,12}?\d{1,2}(?:月\d{1,2})?日?电)"
    ),
    re.compile(r"^(?P<dateline>【[^】]{2,12}(?:聯合ニュース|時事|共同|AFP=時事|聯合報導|專訊|電)】)"),
]


def dateline_of(paragraph: str) -> str | None:
    """Return the dateline that opens a paragraph, verbatim and without the dash after it, or None.

    "PORT ELIN (CW)", "WASHINGTON, March 5 (Reuters)", "Berlin (dpa)", "(서울=연합뉴스)", "新华社北京3月5日电".
    """
    head = paragraph[:160]
    for pattern in _PATTERNS:
        match = pattern.match(head)
        if match:
            dateline = match["dateline"].strip(" .,-–—")
            letters = sum(c.isalpha() for c in dateline)
            return dateline if letters >= 2 else None
    return None
