"""Which packets to show: a text to find, or fields compared.

    IP.src == 192.0.2.1 and TCP.dport < 1024
    number in 5..9 or not (IP.proto == udp)
    DNS
    "GET /index" and not 192.0.2.7

Grammar: `or` binds weaker than `and`, `and` weaker than `not`; brackets group. A comparison
has a field's path, one of `==`, `!=`, `<`, `<=`, `>`, `>=`, `contains` or `in`, and a value;
`in` takes `5..9` or a list with commas in brackets. `number` and `length` are those of the
packet. A name alone asks whether the packet has the layer or field; what stands in quotes, or can
be no name, is a text that is found in the packet's bytes, layers and values. Values compare as
numbers where both are, as text without case elsewhere; a name of an enumeration is as good as
its number, and a domain's without its last dot. A field of a layer that stands several times
compares if any of them does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scapy_server import limits
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow, field_rows, layer_names
from scapy_server.desk.packet import JsonObject, Packet


@dataclass(frozen=True)
class Subject:
    """A packet to be judged: its number in the document, from 1, and its bytes.

    `layers` gives its field tree, and is only asked by conditions on fields and layers.
    """

    number: int
    frame: bytes
    layers: Callable[[], Sequence[JsonObject]]

    @classmethod
    def of(cls, packet: Packet, number: int) -> Subject:
        """A packet that was dissected."""
        return cls(number, packet.frame, lambda: packet.layers)

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.frame)


Condition = Callable[[Subject], bool]
#: Looks at the name of a layer or field and the values that it is compared with, and raises
#: where there is no such thing, or where it never has such a value.
Check = Callable[[str, Sequence[str]], None]

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<sign>==|!=|<=|>=|<|>|\(|\)|,)"""
    r"""|(?P<word>[^\s()<>=!,"']+))"""
)
_SIGNS = ("==", "!=", "<", "<=", ">", ">=", "contains", "in")
#: What is compared of the packet itself.
OWN_NAMES = ("number", "length")
#: What tells the second layer of an id from the first.
_NTH = re.compile(r":\d+")
_PATH = re.compile(r"[A-Za-z_][\w.:\[\]\-]*\Z")


def parse_filter(text: str, check: Check | None = None) -> Condition:
    """The condition that a text stands for; DeskError says where it is none.

    `check` is asked about each name but those of the packet itself, with what it equals, is
    less or more than; what it raises is raised.
    """
    if len(text) > limits.EDITOR_FILTER_CHARACTERS:
        raise DeskError(f"a filter has at most {limits.EDITOR_FILTER_CHARACTERS} characters")
    parser = _Parser(list(_tokens(text)), check or _all_is_well)
    condition = parser.any_of(0)
    if parser.rest:
        raise DeskError(
            f"{parser.rest[0]!r} is too much; join conditions by and, or, and put a text of "
            "several words in quotes"
        )
    return condition


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise DeskError(
                f"{text[at:].strip()[:20]!r} cannot be read as part of a filter; a comparison is "
                f"one of {', '.join(_SIGNS)}"
            )
        yield found.group().strip()
        at = found.end()


def _all_is_well(name: str, values: Sequence[str]) -> None:
    """A name may be that of a layer which only the packets know."""


class _Parser:
    """Reads tokens from the front, one function for each level of the grammar."""

    def __init__(self, tokens: list[str], check: Check) -> None:
        self.rest = tokens
        self._check = check

    def _next(self, what: str) -> str:
        if not self.rest:
            raise DeskError(f"the filter ends where {what} should stand")
        return self.rest.pop(0)

    def _took(self, word: str) -> bool:
        if self.rest and self.rest[0].lower() == word:
            self.rest.pop(0)
            return True
        return False

    def any_of(self, depth: int) -> Condition:
        choices = [self._all_of(depth)]
        while self._took("or"):
            choices.append(self._all_of(depth))
        return choices[0] if len(choices) == 1 else _any(choices)

    def _all_of(self, depth: int) -> Condition:
        conditions = [self._one(depth)]
        while self._took("and"):
            conditions.append(self._one(depth))
        return conditions[0] if len(conditions) == 1 else _all(conditions)

    def _one(self, depth: int) -> Condition:
        if depth > limits.EDITOR_FILTER_DEPTH:
            raise DeskError(
                f"a filter has at most {limits.EDITOR_FILTER_DEPTH} brackets within brackets"
            )
        if self._took("not"):
            inner = self._one(depth + 1)
            return lambda subject: not inner(subject)
        if self._took("("):
            inner = self.any_of(depth + 1)
            if not self._took(")"):
                raise DeskError("a bracket ( is not closed")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        name = self._next("a field such as IP.src")
        if not _PATH.match(name):
            return self._text(name)
        if not self.rest or self.rest[0].lower() not in _SIGNS:
            self._known(name, ())
            return _present(name)
        sign = self.rest.pop(0).lower()
        if sign == "in":
            values, ranges = self._set()
            self._known(name, values)
            return _within(name, values, ranges)
        value = _unquoted(self._next("a value"))
        self._known(name, () if sign == "contains" else (value,))
        return _compared(name, sign, value)

    def _known(self, name: str, values: Sequence[str]) -> None:
        """Have a name looked at, and what it is compared with."""
        if name not in OWN_NAMES:
            self._check(name, values)
            return
        for value in values:
            if _number(value) is None:
                raise DeskError(f"{name} is a number such as 5, or in 5..9, and never {value!r}")

    def _text(self, word: str) -> Condition:
        is_compared = bool(self.rest) and self.rest[0].lower() in _SIGNS
        if is_compared or word in _SIGNS or word in "(),":
            raise DeskError(f"{word!r} is not a field; write IP.src == 192.0.2.1")
        return _found(_unquoted(word))

    def _set(self) -> tuple[list[str], list[tuple[float, float]]]:
        words = []
        if self._took("("):
            words.append(self._next("a value"))
            while self._took(","):
                words.append(self._next("a value"))
            if not self._took(")"):
                raise DeskError("the list behind in is not closed by )")
        else:
            words.append(self._next("values such as 5..9"))
        values, ranges = [], []
        for word in words:
            low, dots, high = word.partition("..")
            if not dots:
                values.append(_unquoted(word))
                continue
            ends = _number(low), _number(high)
            if ends[0] is None or ends[1] is None:
                raise DeskError(f"{word!r} is no range of numbers such as 5..9")
            if ends[0] > ends[1]:
                raise DeskError(f"the range {word} ends before it begins; write {high}..{low}")
            ranges.append((ends[0], ends[1]))
        return values, ranges


def _unquoted(word: str) -> str:
    if word in _SIGNS or word in "(),":
        raise DeskError(f"a value should stand where {word!r} does")
    return word[1:-1] if word[:1] in "\"'" else word


def _any(conditions: list[Condition]) -> Condition:
    return lambda subject: any(condition(subject) for condition in conditions)


def _all(conditions: list[Condition]) -> Condition:
    return lambda subject: all(condition(subject) for condition in conditions)


def _present(name: str) -> Condition:
    def present(subject: Subject) -> bool:
        if name in OWN_NAMES or name in layer_names(subject.layers()):
            return True
        return any(_stands(row, name) for row in field_rows(subject.layers()))

    return present


def _found(wanted: str) -> Condition:
    """Whether a text stands anywhere in the packet, in letters of either case."""
    text = wanted.lower()
    data = text.encode()

    def found(subject: Subject) -> bool:
        return data in subject.frame.lower() or any(
            text in each.lower() for each in _texts(subject.layers())
        )

    return found


def _texts(layers: Sequence[JsonObject]) -> Iterator[str]:
    """What a person reads of a packet."""
    for layer in layers:
        yield str(layer["id"])
    for row in field_rows(layers):
        if row.has_value and not row.field.get("ignored"):
            yield str(row.field["hvalue"])


def _compared(name: str, sign: str, wanted: str) -> Condition:
    def compared(subject: Subject) -> bool:
        return any(_holds(texts, sign, wanted) for texts in _values(subject, name))

    return compared


def _within(name: str, values: list[str], ranges: list[tuple[float, float]]) -> Condition:
    def within(subject: Subject) -> bool:
        for texts in _values(subject, name):
            if any(_holds(texts, "==", value) for value in values):
                return True
            number = next((n for n in map(_number, texts) if n is not None), None)
            if number is not None and any(low <= number <= high for low, high in ranges):
                return True
        return False

    return within


def _values(subject: Subject, name: str) -> Iterator[tuple[str, ...]]:
    """The texts that each field of this name is known by: its value, and how it reads."""
    if name in OWN_NAMES:
        yield (str(subject.number if name == "number" else subject.length),)
        return
    for row in field_rows(subject.layers()):
        if row.has_value and _stands(row, name):
            yield str(row.field["value"]), str(row.field["hvalue"])


def _stands(row: FieldRow, name: str) -> bool:
    """Whether `name` means this field: `IP.src` means those of `IP` and of `IP:1`."""
    if row.field.get("ignored"):
        return False
    paths = row.path, row.short_path
    return name in paths or (":" in row.path and name in (_NTH.sub("", path, 1) for path in paths))


def _holds(texts: tuple[str, ...], sign: str, wanted: str) -> bool:
    if sign == "!=":
        return not _holds(texts, "==", wanted)
    number = _number(wanted)
    for text in texts:
        other = _number(text)
        if sign == "contains":
            if wanted.lower() in text.lower():
                return True
        elif number is not None and other is not None:
            if _ORDERED[sign](other, number):
                return True
        elif sign == "==" and text.lower() in (wanted.lower(), f"{wanted.lower()}."):
            return True  # names of domains go without their last dot, too
    return False


_ORDERED: dict[str, Callable[[float, float], bool]] = {
    "==": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _number(text: str) -> float | None:
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None
