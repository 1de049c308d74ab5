"""What is in the article's frame but is no part of the article: share bars, prompts, credits, links to other articles."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from tidings.extract.tags import text_of
from tidings.text import fold, is_cjk, tidy, words

# Whole blocks only, and only short ones: a sentence about newsletters is no prompt.
_MAX_FURNITURE_CHARS = 200
_MAX_LINK_CHARS = 160
_MAX_BLOCKS_ABOVE = 30
_MAX_PROMOTION_CHARS = 600
_MAX_MARKED, _MAX_NOTES = 500, 5
_MAX_BLOCKS_BELOW = 30
_FURNITURE = re.compile(
    r"""(?:share|tweet|pin(?:\s+it)?|print|e-?mail|save|(?:no\s+)?comments?|reply|like|follow|subscribe|advertisements?|ad|sponsored|
        promoted|related|trending|menu|search|close|loading\W*|gallery|video|watch|listen|play|copy\s+link|link\s+copied\W*|
        whatsapp|facebook|twitter|x|linkedin|telegram|pinterest|reddit|flipboard|more|top\s+stories|most\s+read|
        share\s+(?:this|on|via|it)\b.{0,60}|(?:click|tap)\s+to\s+(?:share|expand|play|view)\b.{0,60}|
        like\s+this\s+(?:story|article|post)\?.{0,80}|listen\s+to\s+this\s+(?:article|story|report)\b.{0,60}|.{0,60}\bby\s+clicking\s+here|
        (?:read|see|watch|listen|also|related|more)(?:\s+(?:more|also|on|articles?|stories|coverage|next|news|posts?|content|topics?|links?))*\s*[:：].{0,180}|
        you\s+(?:may|might)\s+also\s+(?:like|enjoy|be\s+interested).{0,80}|
        also\s+read\b.{0,160}|(?:continue|keep)\s+reading\b.{0,80}|read\s+(?:more|next|also)(?:\s*[:：»›>–—-].{0,160}|\s+(?:here|about|on|from|at|in)\b.{0,120})?|
        (?:sign|signed)\s+up\s+(?:for|to|here)\b.{0,160}|subscribe\s+(?:to|for|now|here|today)\b.{0,160}|thanks\s+for\s+(?:signing\s+up|subscribing)\W*|
        (?:follow|like|join|find)\s+(?:us|@\w+|\w+(?:\s\w+)?)\s+on\s+(?:twitter|facebook|instagram|x|telegram|whatsapp|linkedin|youtube)\b.{0,120}|
        (?:get|download)\s+(?:the|our)\s+(?:[\w’']+\s+){0,4}(?:app|newsletters?|alerts?|briefing)\b.{0,160}|
        (?:article|story)\s+continues\s+(?:below|after)\b.{0,60}|advertisement\W.{0,60}|(?:skip|back)\s+to\s+\w+.{0,40}|
        (?:photo|photos|photograph|image|picture|credit|fot|foto|fotos|bild|crédit|photo\s+credit|getty\s+images)\s*(?:by|von|:|\.|/|©).{0,120}|©.{0,160}|
        (?:all\s+rights\s+reserved|copyright\s+©?)\b.{0,160}|
        (?!.*[a-zß-ÿ][.!?]$)(?:last\s+)?(?:updated|published|posted|modified|aktualisiert|veröffentlicht|letzte\s+änderung|publicado|publié)(?:\s+(?:on|at|am|um|le|el|em))?\s*[:\s].{0,10}\d.{0,60}|
        \W*(?:tempo\s+de\s+leitura|lesezeit|lesedauer|reading\s+time|temps\s+de\s+lecture|czas\s+czytania)\b.{0,30}|\d+\s*min(?:ute)?s?\.?\s+read|
        .{0,60}\bnewsletter\s+(?:abonnieren|bestellen)\W{0,3}|order\s+reprints|(?:estimated|average)\s+reading\s+time\b.{0,40}|(?:artikel|beitrag)\s+(?:teilen|drucken)|teilen|drucken|merken|anzeige|werbung|inhaltsverzeichnis|mehr\s+zum\s+thema\b.{0,160}|(?:lesen\s+sie|lies)\s+(?:auch|hier)\b.{0,160}|auch\s+interessant\b.{0,160}|
        partager|imprimer|publicité|(?:à\s+)?lire\s+(?:aussi|également)\b.{0,160}|
        compartir|publicidad|(?:lea|lee|leer)\s+(?:también|más)\b.{0,160}|(?:puedes?|te\s+puede|le\s+puede)\s+(?:ver|interesar)\b.{0,160}|mir[ae]\s+también\b.{0,160}|
        (?:leia|veja)\s+(?:também|mais)\b.{0,160}|condividi|pubblicità|leggi\s+anche\b.{0,160}|
        udostępnij|reklama|(?:czytaj|przeczytaj)\s+(?:także|też|również|więcej)\b.{0,160}|zobacz\s+(?:także|też|również)\b.{0,160}|
        공유하기|인쇄|광고|구독|무단\s*전재.{0,60}|.{0,40}무단\s*전재.{0,60}재배포\s*금지.{0,20}|広告|シェア|相关阅读.{0,60}|责任编辑.{0,60}|
        zum\s+(?:inhalt|seitenanfang|hauptinhalt|anfang)\b.{0,30}|(?:autor(?:in)?|author|auteur|autore)\s*:.{0,80}|
        \S+@\S+\.\w+|(?:https?://)?(?:www\.)?(?:twitter|facebook|instagram|x)\.com/\S+|@\w{2,30}|\W*\{\{.{0,160})""",
    re.I | re.X,
)
_CREDIT_AT_END = re.compile(
    r"(?:©|\((?:photo|foto|bild|image|picture|imago|getty|symbolbild)\b|\b(?:photo|foto|bild|image)(?:s|graph)?\s*[:/]|\bfot\.)[^.!?]{0,80}\)?$",
    re.I,
)
_DATE_LINE = re.compile(
    r"(?=.*\d)(?!.*[!?])(?:[^.]*\.?){1,3}.{0,40}\b(?:(?:19|20)\d\d|\d{1,2}[:.h]\d\d)\b.{0,40}", re.I
)
_CORRECTION = re.compile(
    r"""(?:corrections?|clarifications?|editor(?:'|’)?s(?:'|’)?\s+note|berichtigung|korrektur|richtigstellung|anmerkung\s+der\s+redaktion|rectificatif|correctif
        |corrección|fe\s+de\s+erratas|rettifica|errata(?:\s+corrige)?|sprostowanie|rättelse|정정(?:\s*보도)?|바로잡습니다|訂正|更正)
        (?:\s*\([^)]{1,60}\)|,?\s+\w+\.?\s+\d{1,2}(?:,\s+\d{4})?)?\s*[:：.—–-]
    |(?:[^.:]{1,40}:\s*)?(?:an?\s+)?(?:earlier|previous|original)\s+versions?\s+(?:of\s+this\s+(?:article|story|report|headline|post|caption)|(?:mis\w+|gave|said|stated|incorrectly|wrongly|named)\s)
    |this\s+(?:article|story|report|post|headline)\s+(?:has\s+(?:since\s+)?been|was)\s+(?:corrected|amended|updated\s*:|updated\s+to\s+correct)
    |in\s+einer\s+(?:früheren|ersten|vorherigen)\s+(?:version|fassung)|une\s+version\s+(?:précédente|antérieure)\s+de\s+cet
    |una\s+versión\s+anterior\s+de\s+est""",
    re.I | re.X,
)
_SET_APART = re.compile(r"(?:^|\s)[·•|](?:\s|$)")
_BY_SOMEONE = re.compile(
    r"(?i:by|von|por|par|di|(?:written|posted)\s+by|escrito\s+por|geschrieben\s+von)\s+(?:[A-ZÀ-ÖØ-Þ][\w.'’-]*(?:\s+|$)){1,4}"
)
_STAFF = re.compile(r"(?:[A-Z]\w+\s+){1,4}(?:staff|desk|newsroom|reporters?|correspondents?|redaktion)", re.I)
_ENDS_SENTENCE = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*$")
_PROMOTION = re.compile(
    r"(?:^|[\s_-])(?:promo|promotion|advert(?:isement)?|sponsor(?:ed)?|read-?more|also-?read|see-?also|most-?read|sign-?up|"
    r"subscribe|newsletter)(?:$|[\s_-])",
    re.I,
)
_MARKED_CORRECTION = re.compile(
    r"(?:^|[\s_-])(?:corrections?|correction-?note|erratum|berichtigung|korrektur|rectificatif|fe-de-erratas|rettifica)(?:$|[\s_-])",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Links:
    """A page's links: their texts, which tell paragraphs that only point to another article; and what stands above the
    lists of them ("Other news"), which tells where an article ends."""

    texts: frozenset[str] = frozenset()
    headings: frozenset[str] = frozenset()


def drop_promotion(tree: HtmlElement) -> None:
    """Take the short elements out of a tree that their class calls an advertisement or a prompt to subscribe or read on.

    On the 595 real pages this only ever took away what is no article (July 2026).
    """
    for element in _marked(tree, _PROMOTION):
        if element.xpath(f"string-length(.) < {_MAX_PROMOTION_CHARS}"):
            element.drop_tree()


def marked_corrections(tree: HtmlElement) -> list[str]:
    """Return the notes that the page's markup calls corrections, wherever they stand."""
    texts = (text_of(element) for element in _marked(tree, _MARKED_CORRECTION))
    return list(dict.fromkeys(text for text in texts if 30 <= len(text) <= 1500))[:_MAX_NOTES]


def with_notes(paragraphs: Sequence[str], notes: Sequence[str]) -> list[str]:
    """Return the paragraphs with those notes at the end that are not among them."""
    if not notes:
        return list(paragraphs)
    there = {tuple(_key(paragraph)) for paragraph in paragraphs if len(paragraph) <= 2000}
    return [*paragraphs, *(note for note in notes if tuple(_key(note)) not in there)]


def _marked(tree: HtmlElement, marks: re.Pattern[str]) -> list[HtmlElement]:
    found = []
    is_marked: dict[str, bool] = {" ": False}  # classes repeat
    for element in tree.iter("div", "aside", "section", "p", "ul", "li", "span"):
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if name not in is_marked:
            is_marked[name] = bool(marks.search(name))
        if is_marked[name] and element.getparent() is not None:
            found.append(element)
            if len(found) == _MAX_MARKED:
                break
    return found


def correction_in(blocks: Sequence[str]) -> str | None:
    """Return the publisher's correction note (several joined by a blank), verbatim, or None."""
    notes = [block for block in blocks if _CORRECTION.match(block.lstrip("*•–—-([ ")) and len(block) <= 1500]
    return " ".join(notes) or None


def clean(
    blocks: Sequence[str],
    *,
    titles: Collection[str],
    byline: Sequence[str] = (),
    links: Links = Links(),
) -> list[str]:
    """Return the article's paragraphs: the blocks without furniture.

    titles: the page's statements of its headline, which often opens the text.
    """
    keys = {tuple(_key(title)) for title in titles}
    names = {fold(name) for name in byline}
    blocks = [b for b in _from_headline(blocks, titles) if any(map(str.isalnum, b))]
    kept = [b for b in _without_link_lists(blocks, links.texts) if not is_furniture(b)]
    kept = [b for n, b in enumerate(kept) if not (n < 4 and _is_opening(b, keys, names))]
    kept = _until_link_list(kept, links.headings)
    while len(kept) > 1 and (_is_heading_of_nothing(kept[-1]) or _is_left_heading(kept[-2], kept[-1])):
        kept.pop()
    if len(kept) > 1 and _is_heading_of_nothing(kept[0]) and len(kept[0]) <= 30:
        kept.pop(0)
    return kept


def _from_headline(blocks: Sequence[str], titles: Collection[str]) -> Sequence[str]:
    """Return the blocks after the headline, where that is one of the first: what stands above it is the site's."""
    opening = [title for title in titles if len(title) >= 15]
    before = 0
    for number, block in enumerate(blocks[:_MAX_BLOCKS_ABOVE]):
        if any(block == title or _is_title_line(block, title) for title in opening):
            return blocks[number + 1 :]
        before += len(block)
        if before > 400:
            break
    return blocks


def _is_title_line(block: str, title: str) -> bool:
    """Whether a block is the headline with more of the same line: a date, a name, but no sentence that begins alike."""
    return (
        block.startswith(title)
        and len(block) <= len(title) + 120
        and not block[len(title)].isalnum()
        and not _ENDS_SENTENCE.search(block)
    )


def _without_link_lists(blocks: Sequence[str], links: Collection[str]) -> list[str]:
    """Return the blocks without those that are only a link, and without the headings of lists of them."""
    kept: list[str] = []
    run = 0
    for block in blocks:
        if _is_link(block, links):
            run += 1
            if run == 2 and kept and _is_list_heading(kept[-1]):
                kept.pop()
        else:
            run = 0
            kept.append(block)
    return kept


def _is_list_heading(block: str) -> bool:
    return len(block) <= 60 and not _ENDS_SENTENCE.search(block)


def is_furniture(block: str) -> bool:
    """Whether a whole block is a button, a prompt, a pointer to something else, a credit."""
    text = block.strip(" \t*•>»|–—-→[]()")
    return len(block) <= _MAX_FURNITURE_CHARS and bool(
        _FURNITURE.fullmatch(text) or (_CREDIT_AT_END.search(block) and not _CORRECTION.match(block))
    )


def links_of(tree: HtmlElement) -> Links:
    """Return the links of a page, before anything is taken out of it."""
    texts = ("".join(link.itertext()) for link in tree.iter("a"))
    return Links(
        texts=frozenset(" ".join(text.split()) for text in texts if len(text) <= 4 * _MAX_LINK_CHARS),
        headings=frozenset(filter(None, map(_heading_of_links, tree.iter("ul", "ol")))),
    )


def _heading_of_links(element: HtmlElement) -> str | None:
    """Return the short text right above a list of nothing but links as long as headlines."""
    above = element.getprevious()
    items = element.findall("li")[:_MAX_BLOCKS_BELOW]
    if above is None or tidy(above.tail or "") or len(items) < 2 or not all(map(_is_link_item, items)):
        return None
    heading = text_of(above)
    return heading if len(heading) <= 60 else None


def _is_link_item(item: HtmlElement) -> bool:
    """Whether a list's item is one link as long as a headline, and nothing else."""
    links = item.findall(".//a")
    if len(links) != 1:
        return False
    text = text_of(links[0])
    return len(text) >= (8 if is_cjk(text) else 20) and text == text_of(item)


def _is_link(block: str, links: Collection[str]) -> bool:
    """Whether a block is the text of a link, as pointers to other articles are; sentences that are links stay."""
    return (
        len(block) <= _MAX_LINK_CHARS
        and (block in links or block.strip("[]()→»›> ") in links)
        and not _ENDS_SENTENCE.search(block)
        and "://" not in block
    )


def _is_opening(block: str, titles: set[tuple[str, ...]], names: set[str]) -> bool:
    """Whether one of the first blocks repeats what the page says above its text: title, byline, date."""
    if len(block) < 80 and (
        _is_byline(block, names)
        or _BY_SOMEONE.fullmatch(block)
        or _DATE_LINE.fullmatch(block)
        or _is_label(block)
    ):
        return True
    return len(block) < 400 and tuple(_key(block)) in titles


def credits_in(blocks: Sequence[str]) -> list[str]:
    """Return the lines above a text that only say whose it is ("By Anna Sorel")."""
    return [block for block in blocks[:6] if len(block) < 80 and _BY_SOMEONE.fullmatch(block)]


def _is_label(block: str) -> bool:
    """Whether a block above the text is a slug line, a counter, a menu's heading: no sentence, and parts set apart or a word."""
    if _ENDS_SENTENCE.search(block) or is_cjk(block):
        return False
    return bool(_SET_APART.search(block)) or len(block.split()) == 1 or bool(_STAFF.fullmatch(block))


def _is_byline(block: str, names: set[str]) -> bool:
    """Whether a block only repeats the byline: "By Anna Sorel", "Anna Sorel, Port Elin"."""
    folded = fold(block)
    return any(
        name in folded and len(folded) <= 2.5 * len(name) + 12 and folded.count(".") <= 1 for name in names
    )


def _is_heading_of_nothing(block: str) -> bool:
    """Whether a block at an end only announces what was cut away ("Partner news", "You may also like:")."""
    return block.endswith((":", "：")) and len(block) <= 80


def _until_link_list(blocks: list[str], headings: Collection[str]) -> list[str]:
    """Return the blocks before the heading of a list of other articles, where only short lines stand below it.

    "Other news", whose links are gone; "From the guest book" and two lines of it.
    """
    for number in range(max(1, len(blocks) - _MAX_BLOCKS_BELOW), len(blocks)):
        above, below = blocks[:number], blocks[number:]
        if (
            below[0] in headings
            and _ENDS_SENTENCE.search(above[-1])
            and all(len(block) <= _MAX_LINK_CHARS for block in below)
            and sum(map(len, below)) <= 0.25 * sum(map(len, above))
        ):
            return above
    return blocks


def _is_left_heading(prose: str, block: str) -> bool:
    """Whether a last block after prose is the heading of a list that is gone ("Other news"); signatures have marks."""
    return (
        len(prose) >= 80
        and len(block) <= 30
        and bool(re.fullmatch(r"[^\W\d_]+(?: [^\W\d_]+){0,3}", block))
        and bool(_ENDS_SENTENCE.search(prose))
    )


def _key(text: str) -> list[str]:
    return [fold(word) for word in words(text)]
