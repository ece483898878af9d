"""STLVmFlowVarRepeatableRandom: random values that come again in the same order."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scapy_server.engine.variable_rules import bytes_of
from scapy_server.engine.vm import RandLimit, VmInstruction
from scapy_server.programs import parameters as p
from scapy_server.programs.instructions.base import Instruction, RawInstruction
from scapy_server.programs.instructions.flow_variable import (
    SPLIT_HELP,
    check_macs,
    moves,
    number,
)
from scapy_server.programs.parameters import argument

#: Seeds of variables without one are 1…32000, as the engine's client library draws them.
DEFAULT_SEEDS = 32_000


@dataclass(frozen=True)
class RepeatableRandom(Instruction):
    """A variable that goes through the same random values again and again."""

    id: ClassVar[str] = "STLVmFlowVarRepeatableRandom"
    vm: ClassVar[type[VmInstruction]] = RandLimit
    summary: ClassVar[str] = (
        "Makes a variable that takes random values from a range, and after a number of them "
        "(the limit) goes through the same values again. The seed decides which values; equal "
        "seeds give equal values. Values may repeat within a round."
    )
    example: ClassVar[Mapping[str, Any]] = {
        "name": "client",
        "size": "4",
        "limit": "1000",
        "seed": "7",
        "min_value": "16.0.0.1",
        "max_value": "16.0.255.254",
    }

    name: str = argument(p.NAME, "The variable's name, by which writes refer to it.")
    size: int = argument(p.SIZE, "Bytes of the variable: 1, 2, 4 or 8. Default: 4.", 4)
    limit: int = argument(
        p.LIMIT,
        "How many values are drawn before they come again: up to 255, 65535, 16777215 or "
        "4294967295 for 1, 2, 4 or 8 bytes. Default: 100.",
        100,
    )
    seed: int | None = argument(
        p.SEED, "The start of the random numbers. Default: made from the name, 1 to 32000.", None
    )
    min_value: int = argument(
        p.MIN_VALUE, "The smallest value, as a number or IPv4 address. Default: 0.", 0
    )
    max_value: int | None = argument(
        p.MAX_VALUE,
        "The largest value, as a number or IPv4 address. Default: the largest that the size holds.",
        None,
    )
    split_to_cores: bool = argument(p.SPLIT_TO_CORES, SPLIT_HELP, True)
    next_var: str | None = argument(
        p.NEXT_VAR,
        "The variable that moves one step each time the values come again. Default: none.",
        None,
    )

    def check(self) -> None:
        check_macs(self.size, {"min_value": self.min_value, "max_value": self.maximum})

    @property
    def maximum(self) -> int:
        """The largest value."""
        return (1 << 8 * self.size) - 1 if self.max_value is None else self.max_value

    @property
    def effective_seed(self) -> int:
        """The seed, or the one made from the name: equal programs give equal packets."""
        if self.seed is not None:
            return self.seed
        return 1 + zlib.crc32(self.name.encode("utf-8", "surrogatepass")) % DEFAULT_SEEDS

    @property
    def defines(self) -> Mapping[str, int]:
        return {self.name: self.size}

    def to_vm(self) -> RawInstruction:
        return super().to_vm() | {"seed": self.effective_seed, "max_value": self.maximum}

    def sentence(self) -> str:
        low, high = number(self.min_value, self.size), number(self.maximum, self.size)
        return (
            f"Variable {self.name} ({bytes_of(self.size)}) takes random values from {low} to "
            f"{high}, the same {self.limit} again and again "
            f"(seed {self.effective_seed}){moves(self.next_var)}."
        )
