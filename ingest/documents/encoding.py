"""Bytes -> text: UTF-8, what a byte order mark says, or what the file itself declares."""

from __future__ import annotations

import re

#: Bytes at the start of a file among which its declaration is looked for.
_HEAD = 20_000
#: What HTML, XML, LaTeX and Python say of their encoding.
_DECLARED = re.compile(
    rb"<meta\b[^>]{0,200}\bcharset\s*=\s*[\"']?\s*([\w-]{2,20})"
    rb"|<\?xml\b[^>]{0,200}\bencoding\s*=\s*[\"']([\w-]{2,20})"
    rb"|\\usepackage\s*\[([\w-]{2,20})\]\s*\{inputenc\}"
    rb"|#[^\n]{0,40}\bcoding[:=]\s*([\w.-]{2,20})",
    re.IGNORECASE,
)
#: Names that others than Python give to encodings. What the web calls Latin-1 is read as its superset.
_NAMES = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252", "ansinew": "cp1252",
    "us-ascii": "cp1252", "ascii": "cp1252", "latin9": "iso8859-15", "applemac": "mac_roman", "x-sjis": "shift_jis",
}  # fmt: skip
#: The encodings of texts that are taken from a declaration; others (``unicode_escape``) do more than decode.
_KNOWN = re.compile(
    r"(?:windows-|cp)125\d|iso-?8859-(?:[2-9]|1[013-6])|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb(?:k|2312|18030)|big5|mac_roman"
)


def declared_encoding(content: bytes) -> str:
    """Return the encoding that a file declares, as Python calls it; empty where it declares none that is known."""
    found = _DECLARED.search(content[:_HEAD])
    said = next((group for group in found.groups() if group), b"").decode("ascii").lower() if found else ""
    name = _NAMES.get(said, said)
    return name if _KNOWN.fullmatch(name) else ""


def decoded(content: bytes, *, declared: str = "") -> str:
    """Return text: UTF-8, or what a byte order mark says, or, of what is neither, as it is declared.

    Args:
        content: The bytes.
        declared: The encoding of what is no UTF-8. Default: what the content itself declares.

    Returns:
        The text; what is no character is U+FFFD.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(declared or declared_encoding(content) or "utf-8-sig", errors="replace")


def with_line_feeds(text: str) -> str:
    """Return `text` with a line feed at the end of each line, whatever ends it there."""
    return re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
