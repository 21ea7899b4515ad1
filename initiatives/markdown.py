"""Markdown to HTML, the one place where text of editors becomes markup.

CommonMark without raw HTML, then an allow-list: two walls, because these texts come from documents and from many hands.
"""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# The source page writes bullets as "- " in most places and as "• " in some.
BULLET = re.compile(r"^(\s*)[•▪‣] ?", re.MULTILINE)
TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "h3", "h4", "h5", "h6", "blockquote", "code", "hr"}
# Inline tokens that people read.
WORDS = {"text", "code_inline", "softbreak", "hardbreak"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": False}).disable("image")


def to_html(text: str) -> SafeString:
    """HTML of a Markdown text (str -> safe str). Headings begin at h3, links leave with rel=noopener nofollow."""
    tokens = _markdown.parse(BULLET.sub(r"\1- ", text))
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return mark_safe(clean)  # noqa: S308 - cleaned on the line above


def to_text(text: str) -> str:
    """The words of a Markdown text on one line and without its marks, for descriptions and feeds."""
    found = []
    for block in _markdown.parse(BULLET.sub(r"\1- ", text)):
        # A line break has no content of its own; blocks of code have no children.
        found += [token.content or " " for token in block.children or [] if token.type in WORDS]
        found += [" ", "" if block.children else block.content]
    return " ".join("".join(found).split())
