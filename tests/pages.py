"""What a page says and how it is built, read from its HTML."""

import re
from html import unescape
from html.parser import HTMLParser

from django.utils.html import strip_tags

VOID = {"meta", "link", "input", "img", "br", "hr"}
KNOWN = VOID | {
    "html", "head", "title", "script", "body", "a", "header", "div", "p", "img", "span", "details", "summary", "svg", "use",
    "form", "label", "button", "nav", "ul", "ol", "li", "main", "h1", "h2", "h3", "h4", "section", "article", "dl", "dt",
    "dd", "fieldset", "legend", "select", "option", "mark", "aside", "footer", "blockquote", "table", "caption", "thead",
    "tbody", "tfoot", "datalist", "del", "ins", "tr", "th", "td", "time", "cite", "strong", "em", "code", "pre", "bdi",
    "textarea",
}  # fmt: skip
BLOCK = re.compile(r"</(?:dt|dd|li|p|h\d|td|th|title|summary|span)>")


def words(response) -> str:
    """The text of the page on one line."""
    html = BLOCK.sub(r"\g<0> ", response.content.decode())
    return " ".join(unescape(strip_tags(html)).split())


class Structure(HTMLParser):
    """Notes what is wrong with the markup: unknown elements, wrong nesting, ids used twice, skipped headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.feed(html)
        self.faults += [f"id {name} twice" for name in set(self.ids) if self.ids.count(name) > 1]
        self.faults += [f"<{tag}> not closed" for tag in self.open]
        self.faults += ["not exactly one h1"] if self.headings.count(1) != 1 else []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.ids += [str(value) for name, value in attributes if name == "id"]
        if tag not in KNOWN:
            self.faults.append(f"unknown <{tag}>")
        if tag not in VOID:
            self.open.append(tag)
        # The header has no heading, the footer begins again at h2.
        if tag[0] == "h" and tag[1:].isdigit():
            if "main" in self.open and int(tag[1]) > (self.headings or [0])[-1] + 1:
                self.faults.append(f"<{tag}> skips a level")
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")
