"""What a program does to a packet, one step for each instruction that does something.

Source: docs/engine.md, "One packet".
"""

from __future__ import annotations

from typing import TypeAlias

from scapy_server.engine.checksums import (
    Checksum,
    HardwareChecksum,
    ICMPv6Checksum,
    IPv4Checksum,
    written_by,
)
from scapy_server.engine.vm import FixHardware, FixICMPv6, FixIPv4, Trim, Vm
from scapy_server.engine.writes import VariableWrite, writes_of

Step: TypeAlias = VariableWrite | Checksum


class Steps:
    """What a program does to a packet, the same on every core.

    `all` are the steps with the places of their instructions, `writes` those of them that write
    variables, `trim` the variable and place
    of the last trim, `completion` what the network card finishes.
    """

    def __init__(self, program: Vm, template: bytes, hardware: str) -> None:
        self.writes = writes_of(program)
        self.touched = touched = self._touched(program, template)
        self.all: list[tuple[int, Step]] = []
        written = dict(self.writes)
        self.trim: tuple[str, int] | None = None
        self.completion: HardwareChecksum | None = None
        for position, item in enumerate(program.instructions):
            step: Step
            if position in written:
                step = written[position]
            elif isinstance(item, FixIPv4):
                step = IPv4Checksum(item, template, touched)
            elif isinstance(item, FixICMPv6):
                step = ICMPv6Checksum(item, template, touched)
            elif isinstance(item, FixHardware):
                step = HardwareChecksum(item, template, touched)
                self.completion = step if hardware == "complete" else None
            else:
                if isinstance(item, Trim):
                    self.trim = item.name, position
                continue
            self.all.append((position, step))
        self.restored = self._to_restore(touched)

    def _touched(self, program: Vm, template: bytes) -> set[int]:
        """The offsets of all bytes that the program writes."""
        touched = {byte for _, write in self.writes for byte in write.bytes}
        for item in program.instructions:
            if isinstance(item, FixIPv4 | FixICMPv6 | FixHardware):
                touched.update(written_by(item, template))
        return touched

    def _to_restore(self, touched: set[int]) -> list[slice]:
        """The bytes that steps read before the program has written them."""
        written: set[int] = set()
        read: set[int] = set()
        for _, step in self.all:
            read |= touched.intersection(step.reads) - written
            written.update(step.bytes)
        slices: list[slice] = []
        for byte in sorted(read):
            if slices and slices[-1].stop == byte:
                slices[-1] = slice(slices[-1].start, byte + 1)
            else:
                slices.append(slice(byte, byte + 1))
        return slices
