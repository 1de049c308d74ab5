"""What is in the article's frame but is no part of the article: share bars, prompts, captions' credits, repeated titles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidings.text import fold, words

# Whole blocks only, and only short ones: a sentence about newsletters is no prompt.
_MAX_FURNITURE_CHARS = 200
_FURNITURE = re.compile(
    r"""(?:share|tweet|pin(?:\s+it)?|print|e-?mail|save|comments?|reply|like|follow|subscribe|advertisements?|ad|sponsored|
        promoted|related|trending|menu|search|close|loading\W*|gallery|video|watch|listen|play|copy\s+link|link\s+copied\W*|
        whatsapp|facebook|twitter|x|linkedin|telegram|pinterest|reddit|flipboard|more|top\s+stories|most\s+read|
        share\s+(?:this|on|via|it)\b.{0,60}|(?:click|tap)\s+to\s+(?:share|expand|play|view)\b.{0,60}|
        (?:read|see|watch|listen|also|related|more)(?:\s+(?:more|also|on|articles?|stories|coverage|next|news))*\s*[:：].{0,180}|
        also\s+read\b.{0,160}|(?:continue|keep)\s+reading\b.{0,80}|read\s+(?:more|next|also)\b.{0,160}|
        (?:sign|signed)\s+up\s+(?:for|to|here)\b.{0,160}|subscribe\s+(?:to|for|now|here|today)\b.{0,160}|
        (?:follow|like|join|find)\s+(?:us|@\w+|\w+(?:\s\w+)?)\s+on\s+(?:twitter|facebook|instagram|x|telegram|whatsapp|linkedin|youtube)\b.{0,120}|
        (?:get|download)\s+(?:the|our)\s+(?:[\w’']+\s+){0,4}(?:app|newsletters?|alerts?|briefing)\b.{0,160}|
        (?:article|story)\s+continues\s+(?:below|after)\b.{0,60}|advertisement\W.{0,60}|(?:skip|back)\s+to\s+\w+.{0,40}|
        (?:photo|photos|photograph|image|picture|credit|foto|fotos|bild|crédit|photo\s+credit|getty\s+images)\s*(?:by|von|:|/|©).{0,120}|©.{0,120}|
        (?:all\s+rights\s+reserved|copyright\s+©?)\b.{0,160}|
        (?:last\s+)?(?:updated|published|posted|modified|aktualisiert|veröffentlicht)(?:\s+(?:on|at|am|um))?\s*[:\s].{0,10}\d.{0,60}|
        teilen|drucken|merken|anzeige|werbung|mehr\s+zum\s+thema\b.{0,160}|lesen\s+sie\s+auch\b.{0,160}|auch\s+interessant\b.{0,160}|
        partager|imprimer|publicité|lire\s+aussi\b.{0,160}|à\s+lire\s+aussi\b.{0,160}|
        compartir|publicidad|(?:lea|lee|leer)\s+(?:también|más)\b.{0,160}|condividi|pubblicità|leggi\s+anche\b.{0,160}|
        udostępnij|reklama|czytaj\s+(?:także|też|również|więcej)\b.{0,160}|zobacz\s+(?:także|też|również)\b.{0,160}|
        공유하기|인쇄|광고|구독|무단\s*전재.{0,60}|.{0,40}무단\s*전재.{0,60}재배포\s*금지.{0,20}|広告|シェア|相关阅读.{0,60}|责任编辑.{0,60})""",
    re.I | re.X,
)
_CORRECTION = re.compile(
    r"""(?:corrections?|clarifications?|editor(?:'|’)?s(?:'|’)?\s+note|berichtigung|korrektur|richtigstellung|anmerkung\s+der\s+redaktion|rectificatif|correctif
        |corrección|fe\s+de\s+erratas|rettifica|errata(?:\s+corrige)?|sprostowanie|rättelse|정정(?:\s*보도)?|바로잡습니다|訂正|更正)
        (?:\s*\([^)]{1,60}\)|,?\s+\w+\.?\s+\d{1,2}(?:,\s+\d{4})?)?\s*[:：.—–-]
    |(?:an?\s+)?(?:earlier|previous|original)\s+versions?\s+of\s+this\s+(?:article|story|report|headline|post|caption)
    |this\s+(?:article|story|report|post|headline)\s+(?:has\s+been|was)\s+(?:corrected|amended|updated\s+to\s+correct)
    |in\s+einer\s+(?:früheren|ersten|vorherigen)\s+(?:version|fassung)|une\s+version\s+(?:précédente|antérieure)\s+de\s+cet
    |una\s+versión\s+anterior\s+de\s+est""",
    re.I | re.X,
)


def correction_in(blocks: Sequence[str]) -> str | None:
    """Return the publisher's correction note (several joined by a blank), verbatim, or None."""
    notes = [block for block in blocks if _CORRECTION.match(block.lstrip("*•–—-([ ")) and len(block) <= 1500]
    return " ".join(notes) or None


def is_furniture(block: str) -> bool:
    return len(block) <= _MAX_FURNITURE_CHARS and bool(_FURNITURE.fullmatch(block.strip(" \t*•>»|–—-")))


def without_title(blocks: Sequence[str], headline: str | None) -> list[str]:
    """Return the blocks without the headline that opens them."""
    if headline and blocks and _same(blocks[0], headline):
        return list(blocks[1:])
    return list(blocks)


def _same(one: str, other: str) -> bool:
    return [fold(w) for w in words(one[:600])] == [fold(w) for w in words(other[:600])]


def clean(blocks: Sequence[str], *, headline: str | None, byline: Sequence[str] = ()) -> list[str]:
    """Return the article's paragraphs: blocks without furniture, repeated title, byline lines or repeated long blocks."""
    kept = [b for b in without_title(blocks, headline) if not is_furniture(b) and any(map(str.isalnum, b))]
    names = {fold(name) for name in byline}
    return [b for number, b in enumerate(kept) if not (number < 4 and len(b) < 120 and _is_byline(b, names))]


def _is_byline(block: str, names: set[str]) -> bool:
    """Whether a block only repeats the byline: "By Anna Sorel", "Anna Sorel, Port Elin"."""
    folded = fold(block)
    return any(
        name in folded and len(folded) <= 2.5 * len(name) + 12 and folded.count(".") <= 1 for name in names
    )
