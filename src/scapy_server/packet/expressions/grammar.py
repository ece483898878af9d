"""From the text of an expression to its syntax tree, and from a node back to its place.

The text is read token by token before Python's own parser sees it. What the grammar
leaves out anyway (keywords, formatted strings, letters beyond ASCII outside quotes) is
refused there, and so is nesting or chaining that a parser pays for with its stack:
the outcome is then the same on every version of Python, and no warning is issued.
"""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass
from functools import cached_property

from scapy_server import limits
from scapy_server.errors import ExpressionSyntaxError, RefusedError, located, shown

_DIGITS = r"[0-9](?:_?[0-9])*"
_EXPONENT = rf"(?:[eE][+-]?{_DIGITS})?"
_TOKEN = re.compile(
    rf"""
    (?P<blank>[ \t\f]+|\\\n|\n|\#[^\n]*)
  | (?P<number>(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+
              |(?:{_DIGITS})?\.{_DIGITS}{_EXPONENT}[jJ]?|{_DIGITS}\.?{_EXPONENT}[jJ]?)(?!\w))
  | (?P<bad_number>\.?[0-9]\w*)
  | (?P<quoted>(?P<prefix>[A-Za-z]{{0,2}})(?P<quote>'''|\"\"\"|'|"))
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
  | (?P<comma>,)
  | (?P<operator>[!-~])
    """,
    re.VERBOSE,
)
#: An address where a value should stand, which Python reads as numbers and signs.
_BARE_ADDRESS = re.compile(
    r"(?P<field>[A-Za-z_]\w*)\s*=\s*"
    r"(?P<address>[0-9]+(?:\.[0-9]+){2,}(?:/[0-9]+)?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+(?:/[0-9]+)?)"
)
_KEYWORDS = frozenset(keyword.kwlist) - {"None", "True", "False"}
_LONGEST_NUMBER = 4300  # digits; some versions of Python read no longer decimal number
_UNKNOWN_TEXT_ESCAPE = re.compile(r"\\(?!['\"abfnrtvxNuU0-3]|[4-7](?![0-7]{2}))")
_UNKNOWN_BYTES_ESCAPE = re.compile(r"\\(?!['\"abfnrtvx0-3]|[4-7](?![0-7]{2}))")


@dataclass(frozen=True)
class Source:
    """The text of an expression, and how places in it are named.

    The parser sees it without its first `skipped` characters, which are blanks.
    """

    text: str
    skipped: int

    def place(self, index: int) -> str:
        """How errors name the place of a character: its column, and line if several."""
        line_start = self.text.rfind("\n", 0, index) + 1
        column = f"column {index - line_start + 1} of the expression"
        if "\n" not in self.text.strip():
            return column
        return f"line {self.text.count(chr(10), 0, index) + 1}, {column}"

    def index(self, line: int, byte_column: int) -> int:
        """The index of a character that the parser counts in lines and UTF-8 bytes."""
        start = self._line_starts[line - 1]
        ahead = self.text[start : start + byte_column]
        if ahead.isascii():
            return start + byte_column
        return start + len(ahead.encode()[:byte_column].decode(errors="ignore"))

    def fragment(self, node: ast.expr | ast.keyword) -> str:
        """The text of a node, quoted and cut for an error sentence."""
        start = self.index(node.lineno, node.col_offset)
        end = self.index(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return shown(" ".join(self.text[start : min(end, start + 200)].split()))

    def place_of(self, node: ast.expr | ast.keyword) -> str:
        """The place of a node's first character."""
        return self.place(self.index(node.lineno, node.col_offset))

    def refusal(self, node: ast.expr | ast.keyword, problem: str) -> RefusedError:
        """A refusal with the place of a node."""
        return RefusedError(problem, (self.place_of(node),))

    @cached_property
    def _line_starts(self) -> list[int]:
        ends = re.compile("\n").finditer(self.text, self.skipped)
        return [self.skipped, *(match.end() for match in ends)]


def parse(text: str) -> tuple[Source, ast.expr]:
    """The syntax tree of an expression.

    Raises ExpressionSyntaxError for what is not Python and RefusedError for what no
    expression may hold, both with the place in the text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    source = Source(text, len(text) - len(text.lstrip(" \t\f\n")))
    _check_characters(source)
    _Scanner(source).run()
    try:
        return source, ast.parse(text[source.skipped :], mode="eval").body
    except SyntaxError as error:
        raise _located_syntax_error(source, error) from None
    except (ValueError, OverflowError) as error:
        raise ExpressionSyntaxError(str(error)) from None
    except (RecursionError, MemoryError):
        raise RefusedError("the expression is nested too deeply") from None


def _check_characters(source: Source) -> None:
    """Refuse what the parsers of different versions of Python fail on differently."""
    text = source.text
    limits.EXPRESSION_TEXT.check(len(text))
    if source.skipped == len(text):
        raise ExpressionSyntaxError("the expression is empty")
    if "\0" in text:
        place = source.place(text.index("\0"))
        raise ExpressionSyntaxError("a NUL character, write it as \\x00", (place,))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ExpressionSyntaxError(
            "half a surrogate pair, which is not a character", (source.place(error.start),)
        ) from None


def _located_syntax_error(source: Source, error: SyntaxError) -> ExpressionSyntaxError:
    reason = (error.msg or "").split("\n")[0]
    problem = reason if reason.isprintable() and 0 < len(reason) < 160 else "invalid syntax"
    lines = source.text[source.skipped :].count("\n") + 1
    if not error.lineno or not 1 <= error.lineno <= lines:
        return ExpressionSyntaxError(problem)
    start = source.index(error.lineno, 0)
    end = len(source.text.rstrip())
    # The parser gives no column to what is missing at the end.
    index = min(start + error.offset - 1, end) if error.offset else end
    rest = source.text[index : index + 40].split("\n")[0]
    bare = _bare_address(source.text, index)
    if bare is not None:
        problem = bare
    elif rest.strip():
        problem += f" at {shown(rest)}"
    elif index == end:
        problem += " at the end"
    located_error = ExpressionSyntaxError(problem, (source.place(index),))
    located_error.line = source.text.count("\n", 0, index) + 1
    token = _TOKEN.match(source.text, index)
    behind = source.text[token.end() if token else index :]
    located_error.at_end = reason.endswith("was never closed") or not behind.strip()
    return located_error


def _bare_address(text: str, index: int) -> str | None:
    """What is wrong if an address without quotes stands at a place where the parser stumbled."""
    for found in _BARE_ADDRESS.finditer(text):
        if found.start() <= index <= found.end():
            return f"an address stands in quotes: {found['field']}='{found['address']}'"
    return None


class _Scanner:
    """One pass over the tokens of a text, refusing what must not reach the parser."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._outside_quotes = 0
        # For each open bracket, and the text itself, the tokens since its last comma.
        self._chains = [0]

    def run(self) -> None:
        index = 0
        while index < len(self._text):
            token = _TOKEN.match(self._text, index)
            if token is None:
                raise self._refusal(index, f"{shown(self._text[index])} may only stand in quotes")
            kind = token.lastgroup
            index = token.end()
            if kind == "blank":
                continue
            if kind == "quoted":
                index = self._skip_quoted(token)
            else:
                self._check_token(kind or "", token)
            self._count(kind or "", token)

    def _count(self, kind: str, token: re.Match[str]) -> None:
        """Bound the depth of brackets, the length of chains and the text outside quotes."""
        chains = self._chains
        if kind == "open":
            chains.append(0)
        elif kind == "close" and len(chains) > 1:
            chains.pop()
        chains[-1] = 0 if kind == "comma" else chains[-1] + 1
        self._outside_quotes += token.end() - token.start()
        for bound, amount in (
            (limits.EXPRESSION_DEPTH, len(chains) - 1),
            (limits.EXPRESSION_CHAIN, chains[-1]),
            (limits.EXPRESSION_CHARACTERS, self._outside_quotes),
        ):
            if amount > bound:
                with located(self._source.place(token.start())):
                    bound.check(amount)

    def _check_token(self, kind: str, token: re.Match[str]) -> None:
        text = token.group()
        if kind == "word" and text in _KEYWORDS:
            raise self._refusal(token.start(), f'"{text}" is not allowed in an expression')
        if kind == "bad_number":
            bare = _bare_address(self._text, token.start())
            raise ExpressionSyntaxError(
                bare or f"{shown(text)} is not a number", (self._source.place(token.start()),)
            )
        if kind == "number" and len(text) > _LONGEST_NUMBER:
            with located(self._source.place(token.start())):
                limits.EXPRESSION_INTEGER_BITS.check(3 * len(text))

    def _skip_quoted(self, token: re.Match[str]) -> int:
        """The index behind a quoted text, after checking its prefix and escapes."""
        start, quote, prefix = token.start(), token["quote"], token["prefix"].lower()
        if prefix in {"f", "t", "fr", "rf", "tr", "rt"}:
            raise self._refusal(start, f"formatted strings ({prefix}{quote}) are not allowed")
        content_end = self._closing_quote(token.end(), quote)
        content = self._text[token.end() : content_end] if content_end >= 0 else ""
        if content_end < 0 or (len(quote) == 1 and "\n" in content):
            raise ExpressionSyntaxError(
                f"the quote {quote} is not closed on its line", (self._source.place(start),)
            )
        if "r" not in prefix and "\\" in content:
            unknown = _UNKNOWN_BYTES_ESCAPE if "b" in prefix else _UNKNOWN_TEXT_ESCAPE
            escape = unknown.search(content.replace("\\\\", "").replace("\\\n", ""))
            if escape:
                sequence = escape.string[escape.start() : escape.start() + 2]
                raise ExpressionSyntaxError(
                    f'"{sequence}" is not an escape sequence, write "\\{sequence}"',
                    (self._source.place(start),),
                )
        return content_end + len(quote)

    def _closing_quote(self, index: int, quote: str) -> int:
        """The index of the quote that ends a text, or -1; a backslash guards a quote."""
        text = self._text
        first = index
        while True:
            index = text.find(quote, index)
            if index < 0:
                return -1
            backslashes = index
            while backslashes > first and text[backslashes - 1] == "\\":
                backslashes -= 1
            if (index - backslashes) % 2 == 0:
                return index
            index += 1

    def _refusal(self, index: int, problem: str) -> RefusedError:
        return RefusedError(problem, (self._source.place(index),))
