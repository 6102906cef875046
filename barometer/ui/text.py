"""Text from data, made harmless for Markdown."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#$~|:!])")


def plain(text: str) -> str:
    """The same text when rendered: nothing in it is Markdown, an icon, a formula or a link."""
    return _MARKUP.sub(r"\\\1", text)
