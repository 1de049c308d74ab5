"""Bytes to text, once and for good: byte order mark, HTTP charset, XML declaration, UTF-8, then a guess from the bytes.

UTF-8 goes before a single-byte declaration that it contradicts: text that is valid UTF-8 with non-ASCII letters in it is
hardly ever anything else, while "iso-8859-1" in a header often is a server's default.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<?xm", or "<" or "{" and a letter, begins in each family (XML 1.0 appendix F).
_FAMILIES = (
    (re.compile(rb"<\0\0\0.\0\0\0", re.S), "utf-32-le"),
    (re.compile(rb"\0\0\0<\0\0\0", re.S), "utf-32-be"),
    (re.compile(rb"[<{]\0[^\0]\0", re.S), "utf-16-le"),
    (re.compile(rb"\0[<{]\0[^\0]", re.S), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),  # EBCDIC, precise enough to read the declaration
)
_DECLARED = re.compile(r"""^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})""")
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,1000}>")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.I)
# Labels mean their supersets on the web (WHATWG Encoding): what calls itself Latin-1 is Windows-1252, and so on.
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "euc_kr": "cp949", "shift_jis": "cp932", "big5": "big5hkscs", "tis-620": "cp874",
}  # fmt: skip
# Python knows codecs that are no charsets ("punycode", "unicode_escape"), some of them slow on purpose-made input.
_CHARSETS = re.compile(
    r"utf-(8|16|32)|iso8859|cp\d|koi8|gb|hz|big5|euc_|shift_jis|iso2022|mac|ascii|tis|johab|ptcp|kz"
)
# What XML and PostgreSQL both refuse.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_GUESS_FROM_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text without byte order mark and XML declaration; `warning` when the declared encoding was not the true one."""

    text: str
    encoding: str
    warning: str | None = None


def decode(body: bytes, *, content_type: str | None = None) -> Decoded:
    """Return the text of a feed's or an OPML's bytes; whatever does not decode becomes U+FFFD.  Never raises."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], name)
    family = next((name for form, name in _FAMILIES if form.match(body)), None)
    declared = _declared(body[:400].decode(family or "latin-1", "replace"))
    if family == "cp037":
        return _decoded(body, declared if declared and declared.startswith("cp") else family)
    if family is not None:
        return _decoded(body, family)
    from_http = _CHARSET.search(content_type or "")
    stated = _charset(from_http[1]) if from_http else None
    return _by_trial(body, [name for name in (stated, declared) if name is not None])


def _declared(start: str) -> str | None:
    found = _DECLARED.match(start)
    return _charset(found[1]) if found else None


def _charset(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if not _CHARSETS.match(name):
        return None
    return _SUPERSETS.get(name, name)


def _by_trial(body: bytes, stated: list[str]) -> Decoded:
    """Return body as UTF-8 if it is that, else as the first stated encoding that fits, else by a guess."""
    multibyte = [name for name in stated if name.startswith(("iso2022", "hz", "utf-16", "utf-32"))]
    for name in [*multibyte, "utf-8", *stated]:  # 7-bit encodings are valid UTF-8, so they go before it
        try:
            text = body.decode(name)
        except ValueError:
            continue
        if name.startswith("utf-16") and "<" not in text[:200]:
            continue
        warning = (
            None if not stated or name in stated or text.isascii() else f"declared {stated[0]}, is {name}"
        )
        return Decoded(_legal(text), name, warning)
    start = body[:_GUESS_FROM_BYTES]
    guess = from_bytes(_without_markup(start)).best()
    name = _SUPERSETS.get(guess.encoding.replace("_", "-"), guess.encoding) if guess else "cp1252"
    wrong = (
        sum(1 for letter in body.decode(stated[0], "replace") if letter == "\ufffd") if stated else len(body)
    )
    if stated and wrong <= len(body) // 200:
        name = stated[0]  # a few bad bytes in what is otherwise what it says
    text = body.decode(name, "replace")
    return Decoded(_legal(text), name, f"declared {stated[0] if stated else 'nothing'}, read as {name}")


def _without_markup(start: bytes) -> bytes:
    return re.sub(rb"<[^<>]*>", b" ", start)


def _decoded(body: bytes, name: str) -> Decoded:
    text = body.decode(name, "replace")
    return Decoded(_legal(text), name, f"not all of it is {name}" if "\ufffd" in text else None)


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("", _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1))
