import pytest

from mmpsearch.utils.terminal import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a/b c.jpg\nd", "a/b c.jpg\nd"),
        ("Straße 人.jpg", "Straße 人.jpg"),
        ("x\x1b]0;evil\x07\x1b[31m", r"x\x1b]0;evil\x07\x1b[31m"),
        ("a\rb\tc", r"a\rb\tc"),
        ("a\udcff.jpg", r"a\xff.jpg"),
        ("abc\u202egpj", r"abc\u202egpj"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text, shown):
    assert printable(text) == shown
    printable(text).encode("utf-8")
