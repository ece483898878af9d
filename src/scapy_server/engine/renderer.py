"""From a template and a program to packets, any block of them."""

from __future__ import annotations

from collections.abc import Sequence as Collection
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scapy_server import limits
from scapy_server.engine.bounds import MINIMUM_FRAME_BYTES, PADDED_FRAME_BYTES
from scapy_server.engine.check import check_program
from scapy_server.engine.checksums import (
    HardwareChecksum,
    ICMPv6Checksum,
    IPv4Checksum,
    written_by,
)
from scapy_server.engine.period import Cycle, joined, read_cycle
from scapy_server.engine.program import (
    FixHardware,
    FixICMPv6,
    FixIPv4,
    FlowVar,
    Program,
    Trim,
    WriteMask,
    WriteVar,
    parse_vm,
)
from scapy_server.engine.variables import Block, Core, VariableSet, value_lists
from scapy_server.engine.writes import MaskedWrite, PlainWrite, Rows
from scapy_server.errors import RefusedError

#: What stands in for a stream's `random_seed` when it has none; the engine takes the time.
DEFAULT_RANDOM_SEED = 1
#: The first packet index that cannot be asked for.
END_OF_STREAM = 1 << 63
#: Above this length the engine's own ICMPv6 checksums are garbage.
ICMPV6_RELIABLE_LENGTH = 128

Lengths: TypeAlias = NDArray[np.uint16]
Step: TypeAlias = PlainWrite | MaskedWrite | IPv4Checksum | ICMPv6Checksum | HardwareChecksum


class Renderer:
    """The packets of one stream, as the engine sends them.

    `template` is the packet without FCS, 14 to 9238 bytes; the engine pads it to 60. `vm`
    is the compiled program. `cores` data-plane cores share the stream, the first one being
    number `thread_id` of the engine; their packets come in time order. With `only`, the
    packets are those of that one of the cores, counted by itself. `hardware` "raw" leaves
    the checksums of fix_checksum_hw as the network card gets them.

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
        longest = int(limits.FIELD_ENGINE_FRAME_BYTES)
        if not MINIMUM_FRAME_BYTES <= len(template) <= longest:
            raise RefusedError(
                f"the engine sends packets of {MINIMUM_FRAME_BYTES} to {longest} bytes, "
                f"this one has {len(template)}"
            )
        if not 0 <= (random_seed or 0) <= 0xFFFFFFFF:
            raise RefusedError(f'"random_seed" must fit in 32 bits, {random_seed} does not')
        self.template = template.ljust(PADDED_FRAME_BYTES, b"\0")
        self.length = len(self.template)
        self.program = parse_vm(vm)
        check_program(self.program, self.template, cores)
        #: What a user should know, by a short code.
        self.warnings = _warnings(self.program, self.length, random_seed)
        seed = random_seed or DEFAULT_RANDOM_SEED
        lists = value_lists(self.program)
        self._cores: list[_CoreRenderer] = []
        steps: _Steps | None = None
        for index in range(cores) if only is None else (only,):
            core = Core(index, cores, seed, thread_id + index)
            variables = VariableSet(self.program, self.length, core, lists)
            if steps is None:
                limits.RENDER_IRREGULAR_VARIABLES.check(variables.tabulated * cores)
                steps = _Steps(self.program, self.template, variables, hardware)
            self._cores.append(_CoreRenderer(self.program, self.template, variables, steps))
        #: Whether packets may be shorter than the template.
        self.trims = any(isinstance(item, Trim) for item in self.program.instructions)

    @property
    def touched(self) -> list[int]:
        """The offsets of the bytes that the program writes, in order."""
        return sorted(self._cores[0].steps.touched)

    @property
    def cycle(self) -> Cycle | None:
        """(lead, period): after `lead` packets, the packets repeat every `period`.

        None if a variable overflows too irregularly to tell.
        """
        cores = len(self._cores)
        cycle = joined(core.cycle for core in self._cores)
        return None if cycle is None else (cycle[0] * cores, cycle[1] * cores)

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

    def packet(self, index: int) -> bytes:
        """One packet."""
        rows, lengths = self.block(index, 1)
        return rows[0, : lengths[0]].tobytes()


class _Steps:
    """What a program does to a packet, the same on every core.

    `all` are the steps with the places of their instructions, `trim` the variable and place
    of the last trim, `completion` what the network card finishes.
    """

    def __init__(
        self, program: Program, template: bytes, variables: VariableSet, hardware: str
    ) -> None:
        self.touched = touched = _touched(program, template, variables)
        self.all: list[tuple[int, Step]] = []
        self.trim: tuple[str, int] | None = None
        self.completion: HardwareChecksum | None = None
        for position, item in enumerate(program.instructions):
            step: Step
            if isinstance(item, WriteVar):
                step = PlainWrite(item, variables.size(item.name))
            elif isinstance(item, WriteMask):
                step = MaskedWrite(item, variables.size(item.name))
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


class _CoreRenderer:
    """The packets of one core, by the core's own count."""

    def __init__(
        self, program: Program, template: bytes, variables: VariableSet, steps: _Steps
    ) -> None:
        core = variables.core
        self.index = core.index
        self.steps = steps
        self._template = np.frombuffer(template, np.uint8)
        self._variables = variables
        self._cache = program.cache // core.count + (core.index < program.cache % core.count)
        if program.cache:
            self._cache = max(self._cache, 1)
        self._kept: tuple[Rows, Lengths | None] | None = None

    @property
    def cycle(self) -> Cycle | None:
        """(lead, period) in packets of this core, if that is known."""
        reads = [
            (step.name, position)
            for position, step in self.steps.all
            if isinstance(step, PlainWrite | MaskedWrite)
        ]
        if self.steps.trim:
            reads.append(self.steps.trim)
        cycle = joined(read_cycle(self._variables, *read) for read in reads)
        if self._cache and (cycle is None or cycle[0] or self._cache % cycle[1]):
            return 0, self._cache
        return cycle

    def fill(self, rows: Rows, start: int) -> Lengths | None:
        """Turn prepared rows into the packets of this core from `start` on."""
        if not self._cache:
            return self._render(rows, start)
        first = start % self._cache
        if first + len(rows) <= self._cache:
            return self._render(rows, first)
        if len(rows) <= self._cache:
            split = self._cache - first
            before, after = self._render(rows[:split], first), self._render(rows[split:], 0)
            return None if before is None or after is None else np.concatenate([before, after])
        if self._kept is None:
            kept = np.empty((self._cache, rows.shape[1]), np.uint8)
            kept[:] = self._template
            self._kept = kept, self._render(kept, 0)
        kept, lengths = self._kept
        chosen = np.arange(first, first + len(rows)) % self._cache
        rows[:] = kept[chosen]
        return None if lengths is None else lengths[chosen]

    def _render(self, rows: Rows, start: int) -> Lengths | None:
        block = Block(self._variables, start, len(rows))
        for part in self.steps.restored:
            rows[:, part] = self._template[part]
        for position, step in self.steps.all:
            if isinstance(step, PlainWrite | MaskedWrite):
                step.apply(rows, block.values(step.name, position))
            else:
                step.apply(rows)
        lengths = None
        if self.steps.trim:
            whole = rows.shape[1]
            asked = block.values(*self.steps.trim)
            cut = (asked > 0) & (asked < whole)
            lengths = np.where(cut, asked, whole).astype(np.uint16)
        if self.steps.completion:
            ends = None if lengths is None else lengths.astype(np.int64)
            self.steps.completion.complete(rows, ends)
        return lengths


def _touched(program: Program, template: bytes, variables: VariableSet) -> set[int]:
    """The offsets of all bytes that a program writes."""
    touched: set[int] = set()
    for item in program.instructions:
        if isinstance(item, WriteVar):
            touched.update(PlainWrite(item, variables.size(item.name)).bytes)
        elif isinstance(item, WriteMask):
            touched.update(MaskedWrite(item, variables.size(item.name)).bytes)
        elif isinstance(item, FixIPv4 | FixICMPv6 | FixHardware):
            touched.update(written_by(item, template))
    return touched


def _warnings(program: Program, length: int, random_seed: int | None) -> dict[str, str]:
    """What a user should know of how the engine departs from the rendering, by code."""
    items: Collection[object] = program.instructions
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
