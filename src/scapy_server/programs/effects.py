"""Which bits of the packet each write changes, beside the instruction that was written.

Bits are sets written as integers, as `engine.bits` has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.steps import Steps
from scapy_server.engine.writes import VariableWrite, bits_of
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled, Step


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
    template = packet.frame.ljust(PADDED_FRAME_BYTES, b"\0")
    sizes = compiled.vm.sizes
    for position, write in Steps(compiled.vm, template, "complete").writes:
        bits = bits_of(write, len(template))
        yield Effect(position, compiled.steps[position], write, bits, sizes[write.name])
