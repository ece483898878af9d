"""Numbers as they are written: one reader for each kind of text.

- A *whole number* on the wire: decimal or `0x` hexadecimal, a sign before it and blanks
  around it. The original's clients write every number as text, and people type into them.
- An *amount* on the command line: also with a fraction, an exponent, underscores between
  digits and one of the endings k, M, G. A *count* is a whole amount; a *bit rate* may end in
  bps or bit/s; a *time* ends in s, ms, us or ns, and is in seconds without.

A reader answers None for any other text, so that the caller can say what was wanted.
"""

from __future__ import annotations

import re
from fractions import Fraction

_WHOLE = re.compile(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|([0-9]+))")
#: Characters of a whole number's text; the widest integer field has far fewer digits, and
#: turning more into a number takes long.
LONGEST_NUMBER = 2 * 1024

# An exponent of many digits would be a number too large to compute with.
_AMOUNT = re.compile(
    r"([0-9]{1,20}(?:/[0-9]{1,20}|(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?))([kKmMgG]?)"
)
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}

_TIME = re.compile(r"(.+?)(ns|us|ms|s|)")
_PER_SECOND = {"ns": 10**9, "us": 10**6, "ms": 10**3, "s": 1, "": 1}

#: The largest integer that every client of the wire can hold.
LARGEST_JSON_INTEGER = (1 << 63) - 1


def whole_number(value: object) -> int | None:
    """The number that a JSON number or the text of a whole number means."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if not isinstance(value, str) or len(value) > LONGEST_NUMBER:
        return None
    match = _WHOLE.fullmatch(value.strip())
    if match is None:
        return None
    sign, hexadecimal, decimal = match.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return -number if sign == "-" else number


def ordinal(text: str) -> int | None:
    """The number of one among a few, from 0: plain digits and nothing else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def amount(text: str) -> Fraction | None:
    """The amount that a text means: 1000, 2.5M, 1e6, 1_000 or 1/3."""
    match = _AMOUNT.fullmatch(re.sub(r"(?<=\d)_(?=\d)", "", text.strip()))
    if match is None:
        return None
    try:
        return Fraction(match[1]) * _FACTORS[match[2].lower()]
    except ZeroDivisionError:
        return None


def count(text: str) -> int | None:
    """The whole amount that a text means."""
    number = amount(text)
    return None if number is None or number.denominator > 1 else int(number)


def bit_rate(text: str) -> Fraction | None:
    """Bits a second: 1e10, 100m, 2.5Gbps."""
    return amount(re.sub(r"(?:bps|bit/s)\s*\Z", "", text, flags=re.IGNORECASE))


def seconds(text: str) -> Fraction | None:
    """The time that a text means: 10us, 1.5 ms or 0.001."""
    match = _TIME.fullmatch(text.strip())
    number = None if match is None else amount(match[1])
    return None if match is None or number is None else number / _PER_SECOND[match[2]]


def json_count(number: int | None) -> int | str | None:
    """A count as it goes over the wire: beyond 63 bits decimal text, null if it is unknown."""
    within = number is None or abs(number) <= LARGEST_JSON_INTEGER
    return number if within else str(number)
