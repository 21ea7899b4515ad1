import pytest

from initiatives.markdown import to_text
from initiatives.templatetags.catalogue import brief


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("It **went** *very* well.", "It went very well."),
        ("See [the page](https://a.example/x_y) and `code`.", "See the page and code."),
        ("# Heading\n\nOne\nline.\n\n- first\n- second\n\n1. third", "Heading One line. first second third"),
        ("It offers:\n• one\n• two", "It offers: one two"),
        ("AT&amp;T \\* 5 < 6 <b>", "AT&T * 5 < 6 <b>"),
        ("```\nfenced\n```\n\n    indented", "fenced indented"),
        ("", ""),
    ],
)
def test_text_has_the_words_without_their_marks(markdown, text):
    assert to_text(markdown) == text


def test_brief_counts_words_and_not_marks():
    assert brief("**One** [two](https://a.example) three", 2) == "One two…"
