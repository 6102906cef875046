"""Bytes to text, whatever wrote them: UTF-8, UTF-16, Windows, Mac, DOS, or a mixture."""

from __future__ import annotations

import codecs

SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")  # the first wins where they agree
EXPECTED = frozenset(
    "éèàùâêîôûçëïüœæÉÈÀÇÊÎÔŒ’‘“”«»–—…€°\u00a0"
)  # what French and English files hold
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 1 << 20  # bytes that are looked at to find out


def decoded(content: bytes) -> str:
    """The text of a file. Where UTF-8 and another encoding are mixed, each byte is read in its own.

    Raises ValueError where the bytes are not text.
    """
    for mark, name in MARKS:
        if content.startswith(mark):
            return _text(content[len(mark) :].decode(name, errors="replace"))
    content = content.removeprefix(codecs.BOM_UTF8)  # what follows may be in another encoding
    if b"\0" in content[:SAMPLE]:
        return _text(_utf16(content))
    try:
        return _text(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _text(_mixed(content))


def in_utf8(content: bytes) -> bytes:
    """The text of a file as UTF-8: the bytes themselves where they are that already.

    Raises ValueError as `decoded` does.
    """
    if b"\0" not in content and not content.startswith(tuple(mark for mark, _ in MARKS)):
        bare = content.removeprefix(codecs.BOM_UTF8)
        try:
            if not bare.isascii():
                bare.decode("utf-8")
            return bare
        except UnicodeDecodeError:
            pass
    return decoded(content).encode("utf-8", errors="replace")


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError("this is not a text file")
    return text


def _utf16(content: bytes) -> str:
    """UTF-16 without its mark: every other byte of Western text is 0."""
    sample = content[: SAMPLE & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 0.3 * len(sample) / 2 or min(even, odd) > 0.05 * max(even, odd):
        raise ValueError("this is not a text file")
    return content.decode("utf-16-be" if even > odd else "utf-16-le", errors="replace")


def _mixed(content: bytes) -> str:
    """UTF-8 where bytes are UTF-8, the likeliest encoding of one byte a character elsewhere."""
    strange = bytearray()

    def collect(fault: UnicodeError) -> tuple[str, int]:
        assert isinstance(fault, UnicodeDecodeError)
        strange.extend(fault.object[fault.start : fault.end])
        return "", fault.end

    codecs.register_error("barometer.collect", collect)
    content[:SAMPLE].decode("utf-8", errors="barometer.collect")
    if not strange:
        strange.extend(byte for byte in content if byte > 127)
    name = max(SINGLE_BYTE, key=lambda name: _expected(bytes(strange), name))
    table = [bytes([byte]).decode(name, errors="replace") for byte in range(256)]
    if name == "cp1252":  # five bytes that it leaves out
        table = [chr(byte) if sign == "\ufffd" else sign for byte, sign in enumerate(table)]

    def read(fault: UnicodeError) -> tuple[str, int]:
        assert isinstance(fault, UnicodeDecodeError)
        return "".join(table[b] for b in fault.object[fault.start : fault.end]), fault.end

    codecs.register_error("barometer.single_byte", read)
    if len(strange) > 100 and not _has_utf8(content[:SAMPLE]):
        return "".join(table[b] for b in content) if name == "cp1252" else content.decode(name)
    return content.decode("utf-8", errors="barometer.single_byte")


def _expected(strange: bytes, name: str) -> int:
    return sum(sign in EXPECTED for sign in strange.decode(name, errors="replace"))


def _has_utf8(sample: bytes) -> bool:
    """Whether an accented letter is written in UTF-8 anywhere."""
    left = sample.decode("utf-8", errors="ignore")
    return any(ord(sign) > 127 for sign in left)
