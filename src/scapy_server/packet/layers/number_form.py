"""How the numbers of a field are written: as plain data, without Scapy.

A form is made from a field class once; it reads and shows every value of the field the
way the long path does, and can be handed to processes that do not load Scapy.
"""

from __future__ import annotations

import msgspec

from scapy_server.numbers import whole_number


class FlagNames(msgspec.Struct, frozen=True):
    """The names of flags from the lowest bit up, "" where a bit has none.

    `joined` names are written with "+" between them, others are single letters.
    """

    names: tuple[str, ...]
    joined: bool

    def number(self, text: str) -> int:
        """The flags that a text names; raises ValueError with the name that is none."""
        number = 0
        for name in text.split("+") if self.joined else text:
            if not name or name not in self.names:
                raise ValueError(name)
            number |= 1 << self.names.index(name)
        return number

    def text(self, number: int) -> str | None:
        """The names of the flags that are set; None if not all have one of their own."""
        names = []
        for bit in range(number.bit_length()):
            if number >> bit & 1:
                name = self.names[bit] if bit < len(self.names) else ""
                if not name or self.names.index(name) != bit:
                    return None
                names.append(name)
        return ("+" if self.joined else "").join(names)


class NumberForm(msgspec.Struct, frozen=True):
    """The numbers that a field takes (`minimum` to `maximum`) and how they are written.

    `names` are accepted as input; `shown` says which numbers are shown by a name.
    Others are shown in decimal or (`hexadecimal`) in lower-case hex. `zero_is_default`
    tells flags whether "" may stand for no flag: as input it means the default.
    """

    minimum: int
    maximum: int
    hexadecimal: bool = False
    names: dict[str, int] = {}
    shown: dict[int, str] = {}
    flags: FlagNames | None = None
    zero_is_default: bool = True

    def read(self, raw: int | str) -> int | None:
        """The number that a plain JSON value means, None if it means none for sure."""
        number: int | None
        if isinstance(raw, int):
            number = raw
        elif raw.isascii() and raw.isdigit() and len(raw) < 20:
            number = int(raw)
        else:
            number = whole_number(raw)
            if number is None:
                number = self._named(raw)
        if number is None or not self.minimum <= number <= self.maximum:
            return None
        return number

    def _named(self, text: str) -> int | None:
        if self.flags is None:
            return self.names.get(text)
        try:
            return self.flags.number(text) if text else None
        except ValueError:
            return None

    def show(self, number: int) -> str:
        """The text of a number that the field can hold; `read` takes it back."""
        if self.flags is not None:
            if not number:
                return "" if self.zero_is_default else "0"
            return self.flags.text(number) or str(number)
        text = self.shown.get(number)
        if text is not None:
            return text
        return hex(number) if self.hexadecimal else str(number)
