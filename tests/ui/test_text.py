"""Text from data stays text: no Markdown, icon, formula or link comes to life."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from barometer.ui.text import plain


def rendered(text: str) -> str:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).renderInline(text)


@pytest.mark.parametrize(
    "text",
    [
        "**bold**", "_low_", "`code`", "~~gone~~", "# title", "[a](https://example.org)",
        "![x](y)", "<b>x</b>", "<script>alert(1)</script>", "a | b", "{item}", "back\\slash",
        ":material/home:", ":red[x]", "$x^2$", "1 * 2 * 3", "a_b_c", "https://example.org",
    ],
)  # fmt: skip
def test_markup_is_shown_as_it_is_written(text: str) -> None:
    html = rendered(plain(text))
    assert not re.search(r"<(?!/?p>)\w+", html)
    assert (
        html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
        == text
    )


@pytest.mark.parametrize("text", [":material/home:", ":red[x]", ":smile:", "$x$", "$$x$$"])
def test_what_streamlit_adds_to_markdown_is_escaped(text: str) -> None:
    escaped = plain(text)
    assert not re.search(r"(?<!\\)[:$\[]", escaped)


@pytest.mark.parametrize("text", ["- item", "+ item", "1. item", "2003) A year", "> said", "---"])
def test_a_line_does_not_become_a_list_a_quote_or_a_rule(text: str) -> None:
    html = MarkdownIt("commonmark").render(plain(text))
    assert re.fullmatch(r"<p>.*</p>\s*", html, re.S), html


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=60))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    html = rendered(plain(text))
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        html = html.replace(entity, sign)
    assert html == text
