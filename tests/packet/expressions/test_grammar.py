from __future__ import annotations

import ast

import pytest

from scapy_server import limits
from scapy_server.errors import ExpressionSyntaxError, RefusedError, ScapyServerError
from scapy_server.packet.expressions.grammar import parse

SYNTAX_ERRORS = [
    ("", "empty"),
    (" \t\n", "empty"),
    ("IP(", "column 3"),
    ("[1, 2", "column 1"),
    ("IP() IP()", "column"),
    ("a = 1", "column 3"),
    ("1 +", "column 4 of the expression: invalid syntax at the end"),
    ("'abc", "column 1 of the expression: the quote ' is not closed"),
    ("IP(dst=10.0.0.1, ttl=9)", "an address stands in quotes: dst='10.0.0.1'"),
    ("IP(dst = 10.0.0.0/24)", "an address stands in quotes: dst='10.0.0.0/24'"),
    ("Ether(dst=00:11:22:33:44:55)", "an address stands in quotes: dst='00:11:22:33:44:55'"),
    ("Ether(dst=0a:11:22:33:44:55)", "an address stands in quotes: dst='0a:11:22:33:44:55'"),
    ("Ether()/IPv6(dst=2001:db8::1)", "an address stands in quotes: dst='2001:db8::1'"),
    ("IPv6(dst=::1)", "an address stands in quotes: dst='::1'"),
    ("IPv6(src='::1', dst=fe80::1)", "an address stands in quotes: dst='fe80::1'"),
    ("'''abc", "the quote ''' is not closed"),
    ("'a\nb'", "not closed on its line"),
    ("1\0", "NUL character"),
    ("'\ud800'", "surrogate"),
    (r"'\d'", r'"\d" is not an escape sequence, write "\\d"'),
    (r"b'\u0041'", r'"\u" is not an escape sequence'),
    (r"'\400'", r'"\4" is not an escape sequence'),
    (r"'\x1'", "column"),
    ("1if", "'1if' is not a number"),
    ("0xfor", "'0xfor' is not a number"),
    ("1__0", "'1__0' is not a number"),
    ("007", "column"),
    ("2x", "'2x' is not a number"),
    ("$", "column 1"),
    ("1;2", "column 2"),
]

REFUSED = [
    ("lambda: 1", '"lambda" is not allowed'),
    ("not 1", '"not" is not allowed'),
    ("1 if 1 else 2", 'column 3 of the expression: "if"'),
    ("[x for x in [1]]", 'column 4 of the expression: "for"'),
    ("await x", '"await"'),
    ("yield", '"yield"'),
    ("import os", '"import"'),
    ("f'{1}'", "formatted strings (f')"),
    ('rF"{1}"', 'formatted strings (rf")'),
    ("t'{1}'", "formatted strings (t')"),
    ("\uff29\uff30()", "column 1 of the expression: '\uff29' may only stand in quotes"),
    ("\u0406P()", "'\u0406' may only stand in quotes"),
    ("[\n1,\n  \u201ca\u201d]", "line 3, column 3 of the expression"),
    ("1\u00a0+ 1", r"'\xa0' may only stand in quotes"),
]


@pytest.mark.parametrize(("text", "expected"), SYNTAX_ERRORS)
def test_what_is_not_python_is_a_syntax_error_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        parse(text)
    assert expected in caught.value.message


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_what_no_expression_holds_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse(text)
    assert expected in caught.value.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 1", 1),
        ("\n\n  [1,\n 2]  # comment with a ' quote\n", [1, 2]),
        ("[1,\r\n2]", [1, 2]),
        ("(1 +\\\n 2, )", None),
        (r"'a\'b'", "a'b"),
        (r"'\\'", "\\"),
        (r"r'\d\''", r"\d\'"),
        (r"'\\\n\0\377'", "\\\n\0\377"),
        ("'#'", "#"),
        ("'a' 'b'", "ab"),
        ("'''a\n\"b'''", 'a\n"b'),
        ("''", ""),
        ("b'\\x00\\'('", b"\x00'("),
        ("u'\u00e9'", "\u00e9"),
        (r"'\N{BULLET}\u2022'", "\u2022\u2022"),
        ("1_000", 1000),
        ("0xFf", 255),
        ("0b1_1", 3),
        ("1.5e-3", 0.0015),
        (".5", 0.5),
        ("1.", 1.0),
        ("'['*2", None),
    ],
)
def test_texts_are_read_as_python_reads_them(text: str, value: object) -> None:
    _, tree = parse(text)
    if value is not None:
        assert ast.literal_eval(tree) == value


@pytest.mark.parametrize(
    ("text", "place", "fragment"),
    [
        ("[1, foo]", "column 5 of the expression", "'foo'"),
        ("  [1, foo]", "column 7 of the expression", "'foo'"),
        ("\n [1,\n   foo]", "line 3, column 4 of the expression", "'foo'"),
        ("['\u00e9\u00e9', foo]", "column 8 of the expression", "'foo'"),
        ("[1, foo(\n 2)]", "line 1, column 5 of the expression", "'foo( 2)'"),
    ],
)
def test_a_node_is_found_in_the_text(text: str, place: str, fragment: str) -> None:
    source, tree = parse(text)
    assert isinstance(tree, ast.List)
    assert source.place_of(tree.elts[1]) == place
    assert source.fragment(tree.elts[1]) == fragment


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


BOUNDS = [
    (nested(limits.EXPRESSION_DEPTH), nested(limits.EXPRESSION_DEPTH + 1)),
    ("+".join("1" * (limits.EXPRESSION_CHAIN // 2)), "+".join("1" * limits.EXPRESSION_CHAIN)),
    (
        "1".ljust(limits.EXPRESSION_TEXT),
        "1".ljust(limits.EXPRESSION_TEXT + 1),
    ),
    (
        "[" + "1," * (limits.EXPRESSION_CHARACTERS // 2 - 1) + "]",
        "[" + "1," * (limits.EXPRESSION_CHARACTERS // 2) + "]",
    ),
    ("1" * 4300, "1" * 4301),
]


@pytest.mark.parametrize(("within", "beyond"), BOUNDS, ids=lambda text: text[:4].strip())
def test_bounds_have_two_sides(within: str, beyond: str) -> None:
    parse(within)
    with pytest.raises(RefusedError, match="may be at most"):
        parse(beyond)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "[" * 30_000 + "]" * 30_000,
        "-" * 60_000 + "1",
        "+".join("1" * 30_000),
        "**".join("1" * 20_000),
        "a" + "()" * 20_000,
        "a" + ".a" * 20_000,
        "a" + "[0]" * 20_000,
        "''" * 30_000,
        "{" * 50 + "1 1" + "}" * 50,
        "1" * 60_000,
        "0x" + "1" * 60_000,
        "'" + "\\'" * 900_000,
        "\\" * 60_000,
    ],
    ids=lambda text: text[:4],
)
def test_texts_made_to_break_a_parser_get_an_answer(text: str) -> None:
    with pytest.raises(ScapyServerError):
        parse(text)
