"""Plain text in lines that fit into any mail program."""

import re
import textwrap

# RFC 3676 §4.2 (at most 78, better fewer), with room for being quoted in an answer.
COLUMNS = 72
# What the lines after the first begin with as well (quotes), or have white space for (lists, codes of initiatives).
LEAD = re.compile(r"(?P<quote>(?:> ?)*)(?P<hang>\s*(?:\* |\d{4}[A-Z]?  )?)")
# Begins a line with what a stranger typed. Its rest must not stand where our own words do. A link after it is our own.
LABEL = re.compile(r"[^\s.:·][^.:·]*(?:: | · )(?!https?://)")


def wrap(text: str) -> str:
    """Links and other long words stay whole, also where they are longer than a line."""
    return "\n".join(wrap_line(line) if len(line) > COLUMNS else line for line in text.split("\n"))


def wrap_line(line: str) -> str:
    lead = LEAD.match(line)
    quote, hang = (lead["quote"], lead["hang"]) if lead else ("", "")
    lines = textwrap.wrap(
        line[len(quote + hang) :],
        width=COLUMNS,
        initial_indent=quote + hang,
        subsequent_indent=quote + " " * len(hang) + ("    " if not (quote or hang) and LABEL.match(line) else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)
