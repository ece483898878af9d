"""Multipliers: how a start or an update command scales a profile.

Source: docs/profiles.md, "Multipliers".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from scapy_server.errors import RefusedError, shown
from scapy_server.streams.graph import RateGraph
from scapy_server.streams.members import Members
from scapy_server.streams.rates import Rates
from scapy_server.streams.refusals import StreamRefused

Unit = Literal["raw", "bps", "bpsl1", "pps", "percentage"]
Operation = Literal["abs", "add", "sub"]
UNITS: tuple[Unit, ...] = ("raw", "bps", "bpsl1", "pps", "percentage")
OPERATIONS: tuple[Operation, ...] = ("abs", "add", "sub")
#: By how much a profile may exceed the line before it is refused.
TOLERANCE = 1.0001
_TEXT = re.compile(r"(\d{1,18}(?:\.\d{0,18})?)\s*([kKmMgG]?)(pps|bps|bpsl1|bpsl2|%)?([+-]?)")
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}


@dataclass(frozen=True)
class Multiplier:
    """A value in a unit, and whether it replaces the factor or is added to it."""

    unit: Unit = "raw"
    value: float = 1.0
    operation: Operation = "abs"

    @classmethod
    def of_json(cls, raw: Members) -> Multiplier:
        """The `mul` of a command; raises StreamRefused."""
        unit = raw.choice("type", UNITS, parameter=True)
        operation = raw.choice("op", OPERATIONS, parameter=True)
        return cls(
            next(known for known in UNITS if known == unit),
            raw.number("value", signed=True),
            next(known for known in OPERATIONS if known == operation),
        )

    @classmethod
    def of_text(cls, text: str) -> Multiplier:
        """ "2", "10%", "5kpps", "1.5gbps", "1mbpsl1"; raises RefusedError."""
        match = _TEXT.fullmatch(text.strip())
        scale, unit = (match[2].lower(), match[3]) if match else ("", None)
        if match is None or (scale and unit in (None, "%")):
            raise RefusedError(
                "a multiplier is a number, or a number with %, pps, bps or bpsl1, such as "
                f"2, 10%, 5kpps or 1gbps, not {shown(text)}"
            )
        units: dict[str | None, Unit] = {
            None: "raw",
            "%": "percentage",
            "pps": "pps",
            "bps": "bps",
            "bpsl2": "bps",
            "bpsl1": "bpsl1",
        }
        operations: dict[str, Operation] = {"": "abs", "+": "add", "-": "sub"}
        return cls(units[unit], float(match[1]) * _SCALES[scale], operations[match[4]])

    def check_start(self) -> None:
        """Raise StreamRefused for what a start command cannot have."""
        if self.value < 0:
            raise StreamRefused(
                f'"value" of the multiplier must be above 0, not {self.value:g}',
                "'value' has negative value.",
                parameter=True,
            )
        if self.value == 0:
            raise StreamRefused(
                'the multiplier\'s "value" must be above 0',
                "multiplier can't be zero",
                parameter=True,
            )
        if self.operation != "abs":
            raise StreamRefused(
                f'"op" of a start must be abs, not {self.operation}',
                "start message can only specify absolute speed rate",
                parameter=True,
            )

    def updated_factor(self, graph: RateGraph, current: float, force: bool) -> float:
        """The factor after an update command; raises StreamRefused."""
        if self.unit == "percentage" and self.operation != "abs":
            given = _checked(current * self.value / 100, graph, force)
        else:
            given = self.factor(graph, force)
        if self.operation == "abs":
            return given
        result = current + given if self.operation == "add" else current - given
        if result <= 0:
            raise StreamRefused(
                f"the update would leave a factor of {result:g}, and there must be one above 0",
                "Update request will lower traffic to less than zero",
            )
        return result

    def factor(self, graph: RateGraph, force: bool) -> float:
        """By what the rates of all but the latency streams are to be multiplied."""
        if self.unit == "raw":
            return _checked(self.value, graph, force)
        if self.unit == "pps":
            result = _share(self.value, graph.fixed.pps, graph.variable.pps, "pps")
        elif self.unit == "bps":
            result = _share(self.value, graph.fixed.l2, graph.variable.l2, "BPS L2")
        else:
            percent = self.unit == "percentage"
            wanted = (self.value / 100) * graph.line if percent else self.value
            result = _share(wanted, graph.fixed.l1, graph.variable.l1, "BPS L1")
        return _checked(result, graph, force)


def quotient(dividend: float, divisor: float) -> float:
    """IEEE division, by zero as well."""
    if divisor:
        return dividend / divisor
    return math.nan if dividend == 0 else math.copysign(math.inf, dividend)


def _share(wanted: float, fixed: float, variable: float, unit: str) -> float:
    if wanted - fixed < 0:
        raise StreamRefused(
            f"the latency streams alone send {fixed:g} {unit.lower()}, and no multiplier "
            f"changes them; {wanted:g} is less",
            f"current stream configuration enforces a minimum rate of '{fixed:g}' {unit}",
        )
    return quotient(wanted - fixed, variable)


def _checked(factor: float, graph: RateGraph, force: bool) -> float:
    peak: Rates = graph.at(factor)
    if peak.l1 <= 0:
        raise StreamRefused(
            "nothing would be sent: no stream starts by itself at a rate above 0",
            "Effective bandwidth is zero, this means that your dpdk driver does not know the "
            f"link throughput (virtual), please use absolute bandwidth  {peak.l1:g}",
        )
    if factor <= 0:
        raise StreamRefused(
            f"the factor would be {factor:g}, and it must be above 0",
            f"Factor must be positive, got: {factor:g}",
        )
    if force:
        return factor
    if peak.l1 / graph.line > TOLERANCE:
        raise StreamRefused(
            f"the streams would send {_bits(peak.l1)} on a line of {_bits(graph.line)}; "
            "lower the multiplier, or force it",
            f"Expected L1 B/W: '{_bits(peak.l1)}' exceeds port line rate: '{_bits(graph.line)}'",
        )
    highest = quotient(graph.line - graph.fixed.l1, graph.variable.l1)
    return min(factor, highest)


def _bits(value: float) -> str:
    """Bits a second as the engine says them: "10.1 Gbps"."""
    unit = 0
    names = ("bps", "Kbps", "Mbps", "Gbps", "Tbps", "Pbps")
    while value >= 1000 and unit < len(names) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:g} {names[unit]}"
