"""From a template and a program to packets, any block of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import lcm
from typing import Literal

import numpy as np

from scapy_server import limits
from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.core import CoreRenderer, Lengths
from scapy_server.engine.cycles import Cycle
from scapy_server.engine.looking import looked_at
from scapy_server.engine.rules import check_cores, check_frame, check_program
from scapy_server.engine.steps import Steps
from scapy_server.engine.variables.variable_set import DataPlaneCore, VariableSet, value_lists
from scapy_server.engine.variation import Variation
from scapy_server.engine.vm import FixHardware, FixICMPv6, FlowVar, Trim, Vm, parse_vm
from scapy_server.engine.writes import Rows
from scapy_server.errors import RefusedError

#: What stands in for a stream's `random_seed` when it has none; the engine takes the time.
DEFAULT_RANDOM_SEED = 1
#: The first packet index that cannot be asked for.
END_OF_STREAM = 1 << 63
#: Above this length the engine's own ICMPv6 checksums are garbage.
ICMPV6_RELIABLE_LENGTH = 128


class Renderer:
    """The packets of one stream, as the engine sends them.

    `template` is the packet without FCS, 14 to 9238 bytes; the engine pads it to 60. `vm`
    is the compiled program, raw or parsed. `cores` data-plane cores share the stream, the
    first one being number `thread_id` of the engine; their packets come in time order. With
    `only`, the packets are those of that one of the cores, counted by itself. `hardware`
    "raw" leaves the checksums of fix_checksum_hw as the network card gets them.

    Raises RefusedError, by instruction and parameter, for what the engine would refuse, die
    from or leave undefined.
    """

    def __init__(  # noqa: PLR0913 (what a stream has)
        self,
        template: bytes,
        vm: object,
        *,
        random_seed: int | None = None,
        cores: int = 1,
        thread_id: int = 0,
        only: int | None = None,
        hardware: Literal["complete", "raw"] = "complete",
    ) -> None:
        check_frame(template)
        if not 0 <= (random_seed or 0) <= 0xFFFFFFFF:
            raise RefusedError(f'"random_seed" must fit in 32 bits, {random_seed} does not')
        self.template = template.ljust(PADDED_FRAME_BYTES, b"\0")
        self.length = len(self.template)
        self.program = vm if isinstance(vm, Vm) else parse_vm(vm)
        check_cores(self.program, cores)
        check_program(self.program, template, cores)
        #: What a user should know, by a short code.
        self.warnings = _warnings(self.program, self.length, random_seed)
        seed = random_seed or DEFAULT_RANDOM_SEED
        lists = value_lists(self.program)
        self._cores: list[CoreRenderer] = []
        steps: Steps | None = None
        for index in range(cores) if only is None else (only,):
            core = DataPlaneCore(index, cores, seed, thread_id + index)
            variables = VariableSet(self.program, self.length, core, lists)
            if steps is None:
                limits.RENDER_IRREGULAR_VARIABLES.check(variables.tabulated * cores)
                steps = Steps(self.program, self.template, hardware)
            self._cores.append(CoreRenderer(self.program, self.template, variables, steps))
        #: Whether packets may be shorter than the template.
        self.trims = any(isinstance(item, Trim) for item in self.program.instructions)

    @property
    def touched(self) -> list[int]:
        """The offsets of the bytes that the program writes, in order."""
        return sorted(self._cores[0].steps.touched)

    @cached_property
    def cycle(self) -> tuple[int, int] | None:
        """(lead, period): after `lead` packets, the packets repeat every `period`.

        The least that can be told; of random numbers, and where too many packets would have
        to be compared, they are upper bounds. None if a variable overflows too irregularly.
        """
        cycles = [Variation(core).cycle() for core in self._cores]
        periods = [cycle.period for cycle in cycles if cycle.period is not None]
        if len(periods) < len(cycles):
            return None
        if len(cycles) == 1:
            return cycles[0].lead, periods[0]
        # What the cores send in turn may repeat earlier: 0 2 1 and 1 0 2 are 0 1 2 0 1 2.
        cores, lead = len(cycles), max(cycle.lead for cycle in cycles)
        drawn = any(cycle.drawn for cycle in cycles)
        together = Cycle(lead * cores, lcm(*periods) * cores, None, exact=False, drawn=drawn)
        least = looked_at(together, self.fill, self.template, self.touched)
        assert least.period is not None
        return least.lead, least.period

    def blank(self, count: int) -> Rows:
        """Rows that hold the template, as `fill` wants them."""
        rows = np.empty((count, self.length), np.uint8)
        self.prepare(rows)
        return rows

    def prepare(self, rows: Rows) -> None:
        """Write the template into each of some rows."""
        rows[:] = np.frombuffer(self.template, np.uint8)

    def fill(self, rows: Rows, start: int) -> Lengths | None:
        """Turn rows into packets from the packet `start` on; None if none is cut.

        The rows must be prepared, or have been filled by this renderer before. Bytes past
        the end of a cut packet mean nothing.
        """
        if not 0 <= start <= END_OF_STREAM - len(rows):
            raise RefusedError(f"packets are numbered from 0 to 2**63 - 1, not from {start}")
        cores = len(self._cores)
        lengths = np.empty(len(rows), np.uint16) if self.trims else None
        for core in self._cores:
            first = (core.index - start) % cores
            part = rows[first::cores]
            if len(part):
                cut = core.fill(part, (start + first) // cores)
                if lengths is not None and cut is not None:
                    lengths[first::cores] = cut
        return lengths

    def block(self, start: int, count: int) -> tuple[Rows, Lengths]:
        """Packets `start` to `start + count - 1`: bytes [count, length] and lengths [count].

        Bytes past the end of a cut packet are 0. `start + count` is at most 2**63.
        """
        rows = self.blank(count)
        lengths = self.fill(rows, start)
        if lengths is None:
            return rows, np.full(count, self.length, np.uint16)
        rows[np.arange(self.length) >= lengths[:, None]] = 0
        return rows, lengths


def _warnings(program: Vm, length: int, random_seed: int | None) -> dict[str, str]:
    """What a user should know of how the engine departs from the rendering, by code."""
    items: Sequence[object] = program.instructions
    warnings = {}
    if not random_seed and any(isinstance(item, FlowVar) and item.is_random for item in items):
        warnings["clock_seed"] = (
            "the stream has no random_seed, so the engine takes one from its clock; "
            f"{DEFAULT_RANDOM_SEED} stands in for it here"
        )
    if length > ICMPV6_RELIABLE_LENGTH and any(isinstance(item, FixICMPv6) for item in items):
        warnings["icmpv6_checksum"] = (
            f"in packets of more than {ICMPV6_RELIABLE_LENGTH} bytes the engine computes wrong "
            "ICMPv6 checksums; the right ones are shown"
        )
    if sum(isinstance(item, FixHardware) for item in items) > 1:
        warnings["one_hardware_fix"] = (
            "a network card completes the checksums of one fix_checksum_hw only, the last one"
        )
    return warnings
