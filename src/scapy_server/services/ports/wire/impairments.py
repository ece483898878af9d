"""What a wire does to packets, as the operator asked for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from scapy_server.numbers import bit_rate, seconds

_SHARE = re.compile(r"(\d+(?:\.\d+)?)(%?)")


@dataclass(frozen=True)
class Impairments:
    """`delay` and `jitter` are seconds, `rate` bits a second (0: no bound), the rest shares."""

    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0
    rate: float = 0.0

    @property
    def is_perfect(self) -> bool:
        """Whether everything arrives at once, and as it was sent."""
        return self == Impairments()


def parse(text: str) -> Impairments:
    """Read `delay=1ms,loss=1%`; ValueError says what is wrong."""
    found = Impairments()
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        if name not in _READERS:
            raise ValueError(f"a wire has {', '.join(_READERS)}, not {name!r}")
        found = replace(found, **{name: _READERS[name](value)})
    return found


def _time(text: str) -> float:
    time = seconds(text) if text.endswith("s") else None
    if time is None:
        raise ValueError(f"a time is a number with s, ms, us or ns, such as 1.5ms, not {text!r}")
    return float(time)


def _share(text: str) -> float:
    match = _SHARE.fullmatch(text)
    share = float(match[1]) / (100 if match[2] else 1) if match else 2.0
    if share > 1:
        raise ValueError(f"a share is a number up to 1 or 100%, such as 1%, not {text!r}")
    return share


def _rate(text: str) -> float:
    rate = bit_rate(text)
    if not rate:
        raise ValueError(f"a rate is a number of bits a second, such as 10m or 1g, not {text!r}")
    return float(rate)


_READERS = {
    "delay": _time,
    "jitter": _time,
    "loss": _share,
    "reorder": _share,
    "duplicate": _share,
    "rate": _rate,
}
assert set(_READERS) == {field.name for field in fields(Impairments)}
