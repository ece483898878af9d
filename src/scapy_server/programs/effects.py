"""Which bits of the packet each write changes, beside the instruction that was written.

Bits are sets written as integers, as `engine.bits` has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.engine.writes import VariableWrite, bits_of, writes_of
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled, Step
from scapy_server.programs.places import padded_length


@dataclass(frozen=True)
class Effect:
    """A write: its place in the VM, what the engine does there, and the bits that change.

    `size` is that of its variable.
    """

    position: int
    step: Step
    write: VariableWrite
    bits: int
    size: int


def effects(compiled: Compiled, packet: BuiltPacket) -> Iterator[Effect]:
    """The writes in the order in which they run."""
    width, sizes = padded_length(packet), compiled.vm.sizes
    for position, write in writes_of(compiled.vm):
        bits = bits_of(write, width)
        yield Effect(position, compiled.steps[position], write, bits, sizes[write.name])
