"""Text from data, made harmless for Markdown."""

from __future__ import annotations

import re

# What opens a list, a quotation or a rule at the start of a line.
_BLOCK = re.compile(r"^(\s*\d*)([-+=.)])", re.MULTILINE)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#$~|:!])")


def plain(text: str) -> str:
    """The same text when rendered: nothing in it is Markdown, an icon, a formula or a link."""
    return _BLOCK.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))
