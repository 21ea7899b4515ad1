"""Where the lines of a mail begin that a stranger's words fill."""

import pytest

from coalition.mail import layout

LONG = "Ministry of many words, " * 8


@pytest.mark.parametrize("label", ["Institution: ", "Job title: ", "Kazakhstan · ", "Côte d’Ivoire · "])
def test_wrapped_value_is_indented(label):
    first, *others = layout.wrap(f"{label}{LONG}").split("\n")

    assert first.startswith(label)
    assert len(others) > 1
    assert {len(line) - len(line.lstrip()) for line in others} == {4}


@pytest.mark.parametrize("sentence", ["Opening it changes nothing. Do this: press the button. ", "No label at all. "])
def test_wrapped_sentence_is_not_indented(sentence):
    assert not any(line.startswith(" ") for line in layout.wrap(sentence * 6).split("\n"))


@pytest.mark.parametrize(
    ("line", "lead"),
    [
        ("> What we need: " + LONG, "> "),
        ("1103  Precursors: " + LONG, "      "),
        ("All of it is on your page: https://" + "x" * 60, ""),
    ],
)
def test_only_what_follows_the_label_of_a_stranger_is_indented_more(line, lead):
    _first, *others = layout.wrap(line).split("\n")

    assert others
    assert [other[: len(lead)] + other[len(lead) :][:1].strip() for other in others] == [
        lead + other[len(lead)] for other in others
    ]


def test_wrapped_line_of_a_quoted_message_keeps_its_mark():
    assert all(line.startswith("> ") for line in layout.wrap(f"> Name: {LONG}").split("\n"))
