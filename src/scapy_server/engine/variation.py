"""What varies in the packets of a program: its cycles, as far as possible in closed form.

What a program shows in the packet is split into parts that do not depend on each other: a
chain of variables, a tuple, a random variable each. A part has a period and a number of
different values in closed form as long as the packet *tells apart* the values of its
variables: shows different ones as different bits. Where it does not, or a checksum or a cut
hides how, the packets themselves are rendered and compared, if they are not too many.

Source: docs/engine.md, "Cycles".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import gcd, prod

import numpy as np

from scapy_server.engine import bits as bit_sets
from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.checksums import Checksum, HardwareChecksum
from scapy_server.engine.core import CoreRenderer
from scapy_server.engine.cycles import (
    Cycle,
    Effort,
    Part,
    cached,
    compared,
    joined,
    unsaid,
)
from scapy_server.engine.looking import looked_at
from scapy_server.engine.steps import Steps
from scapy_server.engine.variables.blocks import Block
from scapy_server.engine.variables.sequences import Turns, Values
from scapy_server.engine.variables.tuples import TupleFlows
from scapy_server.engine.variables.turns import (
    EVERY_PACKET,
    chain_turns,
    random_turns,
    state_turns,
)
from scapy_server.engine.variables.variable_set import (
    DataPlaneCore,
    RandomVariable,
    Variable,
    VariableSet,
    value_lists,
)
from scapy_server.engine.vm import Vm
from scapy_server.engine.writes import VariableWrite, bits_of


@dataclass(frozen=True)
class Show:
    """Where the packet shows a variable; the `variable` None is the generator's state.

    `late`: the packet shows what the variable held one packet before, as its instruction
    comes after `position`. `faithful`: different values show differently.
    """

    variable: Variable | None
    name: str
    position: int
    seen: Callable[[Values], Values]
    faithful: bool

    @property
    def late(self) -> bool:
        return self.variable is not None and self.variable.position > self.position


class Variation:
    """The packets of one data-plane core, ready to be asked for cycles."""

    def __init__(self, core: CoreRenderer) -> None:
        self._core, self._steps, self._variables = core, core.steps, core.variables
        self._length = len(core.template)

    @classmethod
    def of(cls, program: Vm, template: bytes) -> Variation:
        """The variation of a program that one core sends, over a packet of any length."""
        template = template.ljust(PADDED_FRAME_BYTES, b"\0")
        core = DataPlaneCore(0, 1, random_seed=1, thread_id=0)
        variables = VariableSet(program, len(template), core, value_lists(program))
        steps = Steps(program, template, "complete")
        return cls(CoreRenderer(program, template, variables, steps))

    @property
    def names(self) -> list[str]:
        """The variables of the program, in its order."""
        return list(self._variables.by_name)

    def values_of(self, name: str) -> Cycle:
        """The cycle of one variable, in packets."""
        variable = self._variables.by_name[name]
        show = Show(variable, name, variable.position + 1, _as_it_is, faithful=True)
        return self._joined([show])

    def cycle(self, bits: int | None = None, *, cache: bool = True) -> Cycle:
        """The cycle of the packets, or of some of their bits; with or without the cache.

        First from the parts; where that gives bounds only, by looking at the packets.
        """
        hidden = self._is_hidden(bits)
        shows = list(self._shows(None if hidden else bits, everything=hidden))
        cycle = self._joined(_enough(shows))
        if hidden and cycle.different != 1:
            cycle = Cycle(cycle.lead, cycle.period, cycle.different, exact=False, drawn=cycle.drawn)
        drawn = cycle.drawn
        if cache and self._core.cache:
            cycle = cached(cycle, self._core.cache)
        if drawn:
            return cycle
        return looked_at(cycle, self._core.render, self._core.template, self._steps.touched, bits)

    def _is_hidden(self, wanted: int | None) -> bool:
        """Whether what is overwritten or cut off may still decide what is sent.

        What is left of a write in the packet tells all about it, as a checksum is computed
        from what is there. Not so if a checksum reads bytes that are overwritten after it,
        or if bytes that vary, and that a checksum may have counted, are cut off.
        """
        return self._is_cut(wanted) or self._is_summed(wanted)

    def _is_cut(self, wanted: int | None) -> bool:
        cut_off = bit_sets.span(self._least_length, self._length, self._length)
        if wanted is not None:
            return bool(cut_off & wanted)
        return any(self._bits(write) & cut_off for _, write in self._steps.writes)

    def _is_summed(self, wanted: int | None) -> bool:
        checksums = [(at, step) for at, step in self._steps.all if isinstance(step, Checksum)]
        if wanted is not None:  # what no checksum writes is as the writes leave it
            return any(wanted & self._bytes(step.bytes) for _, step in checksums)
        return any(
            (step is self._steps.completion and self._is_completed_late(step, position))
            or self._is_overwritten(step, position)
            for position, step in checksums
        )

    def _is_overwritten(self, checksum: Checksum, position: int) -> bool:
        """Whether the checksum counts a write of which something is overwritten after it."""
        later = 0
        for other, step in self._steps.all:
            if other > position:
                later |= self._changed(step)
        later &= self._bytes(checksum.reads)
        earlier = (write for other, write in self._steps.writes if other < position)
        return any(self._bits(write) & later for write in earlier)

    def _is_completed_late(self, card: HardwareChecksum, position: int) -> bool:
        """Whether the card, at the end, sums what was written where its sum goes, or may not
        get so far in a packet that is cut."""
        if self._least_length < card.bytes[-1] + 1:
            return True
        goes = self._bytes(card.summed)
        return any(
            place > position and self._bits(write) & goes for place, write in self._steps.writes
        )

    @property
    def _least_length(self) -> int:
        """The length of the shortest packet that may be sent."""
        if self._steps.trim is None:
            return self._length
        name, position = self._steps.trim
        low, _ = self._span(self._variables.by_name[name], position) or (1, 0)
        return min(max(low, 1), self._length)

    def _bytes(self, offsets: Iterable[int]) -> int:
        result = 0
        for offset in offsets:
            result |= bit_sets.span(offset, offset + 1, self._length)
        return result

    def _bits(self, write: VariableWrite) -> int:
        return bits_of(write, self._length)

    def _changed(self, step: VariableWrite | Checksum) -> int:
        return self._bytes(step.bytes) if isinstance(step, Checksum) else self._bits(step)

    def _shows(self, wanted: int | None, *, everything: bool) -> Iterator[Show]:
        """What the packet shows of each variable; what is overwritten later is not shown."""
        card = self._steps.completion
        covered = 0 if card is None else self._bytes(card.replaced)
        for position, step in reversed(self._steps.all):
            changed = self._changed(step)
            visible = changed if everything else changed & ~covered
            covered |= changed
            if wanted is not None:
                visible &= wanted
            if not isinstance(step, Checksum) and visible:
                yield self._show(step, position, visible, whole=visible == changed)
        if wanted is None and self._steps.trim is not None:
            yield self._shown_length(*self._steps.trim)

    def _show(self, write: VariableWrite, position: int, visible: int, *, whole: bool) -> Show:
        variable = self._variables.by_name.get(write.name)
        size = len(write.bytes)
        mask = bit_sets.taken(visible, size, write.bytes.start, self._length, write.is_big)

        def seen(values: Values) -> Values:
            written = write.written(values)
            result: Values = written & written.dtype.type(mask & np.iinfo(written.dtype).max)
            return result

        span = None if variable is None else self._span(variable, position)
        faithful = whole and write.tells_apart(*(span or (0, (1 << 64) - 1)))
        return Show(variable, write.name, position, seen, faithful)

    def _shown_length(self, name: str, position: int) -> Show:
        variable, whole = self._variables.by_name[name], self._length

        def seen(values: Values) -> Values:
            return np.where((values > 0) & (values < whole), values, whole)

        low, high = self._span(variable, position) or (0, 0)
        return Show(variable, name, position, seen, faithful=low > 0 and high <= whole)

    def _span(self, variable: Variable, position: int) -> tuple[int, int] | None:
        """The least and the largest value that is read at a position, where they are known."""
        source = variable.source
        if isinstance(source, RandomVariable):
            span: tuple[int, int] | None = source.choice.span
        elif isinstance(source, TupleFlows):
            return source.span(variable.part)
        else:
            span = source.span
        if span is None or (variable.position < position and variable.head is None):
            return span
        start = int(Block(self._variables, 0, 1).values(variable.name, -1)[0])
        return min(span[0], start), max(span[1], start)

    def _joined(self, shows: list[Show]) -> Cycle:
        effort = Effort()
        return joined((compared(part, effort) for part in self._parts(shows)), effort)

    def _parts(self, shows: Iterable[Show]) -> list[Part]:
        chains: dict[int, list[Show]] = {}
        parts: list[Part] = []
        drawn: dict[tuple[str, bool], Part] = {}
        for show in shows:
            variable = show.variable
            if variable is None:
                parts.append(unsaid(None, *(state_turns(self._variables) or (0, None))))
            elif isinstance(variable.source, RandomVariable):
                drawn[show.name, show.late] = self._random_part(variable, show)
            else:
                chains.setdefault(variable.chain[0].position, []).append(show)
        return [*parts, *drawn.values(), *(self._part(together) for together in chains.values())]

    def _part(self, shows: list[Show]) -> Part:
        (source, *_) = (show.variable.source for show in shows if show.variable is not None)
        if isinstance(source, TupleFlows):
            return self._tuple_part(source, shows)
        return self._chain_part(shows)

    def _random_part(self, variable: Variable, show: Show) -> Part:
        assert isinstance(variable.source, RandomVariable)
        lead, period = random_turns(self._variables, variable) or (0, None)
        if not show.late:
            lead = max(lead - 1, 0)
        # Before it is run it shows something else.
        before = variable.head is not None or show.late
        return unsaid(variable.source.choice.different + before, lead, period)

    def _tuple_part(self, flows: TupleFlows, shows: list[Show]) -> Part:
        parts = {show.variable.part for show in shows if show.variable is not None}
        late = {show.late for show in shows}
        lead, period, different = flows.late_cycle(parts) if True in late else flows.cycle(parts)
        exact = len(late) == 1 and all(show.faithful for show in shows) and self._is_alone
        if len(late) > 1:
            different = lead + period
        return Part(Cycle(lead, period, different, exact), self._shown(shows), len(shows))

    @property
    def _is_alone(self) -> bool:
        return self._variables.core.count == 1

    def _chain_part(self, shows: list[Show]) -> Part:
        shown = [show.variable for show in shows if show.variable is not None]
        deepest = max(shown, key=lambda variable: len(variable.chain))
        turns = chain_turns(self._variables, deepest)
        if turns is None:
            return unsaid(None)
        # What is read after the instruction is, in each packet, one packet further.
        lead = turns.lead if any(show.late for show in shows) else max(turns.lead - 1, 0)
        cycle = self._closed(shows, deepest, turns, lead)
        if cycle is not None:
            return Part(cycle, self._shown(shows), len(shows))
        most = min(lead + turns.period, self._most_values(shows))
        bounds = Cycle(lead, turns.period, most, exact=False)
        return Part(bounds, self._shown(shows), len(shows))

    def _most_values(self, shows: list[Show]) -> int:
        """How many combinations of values the variables that are shown have at most."""
        values: dict[tuple[str, bool], int] = {}
        for show in shows:
            assert show.variable is not None
            low, high = self._span(show.variable, show.position) or (0, (1 << 64) - 1)
            values[show.name, show.late] = high - low + 1
        return prod(values.values())

    def _closed(
        self, shows: list[Show], deepest: Variable, turns: Turns, lead: int
    ) -> Cycle | None:
        """The exact cycle of a chain, where what it shows tells the places of its variables.

        If each variable up to the deepest one shown is told apart by values that come once a
        period, the packet tells all places, and the places come again after the period of
        the chain and no earlier. The same holds of a lead, as long as no value in it comes
        again; that is known of single variables.

        If only the deepest one is shown, it stays the same until those before it start over
        together. In their period P they do so w times; if P and w are coprime the pattern of
        these times has no shorter period, for one m times as short would hold w / m of them.
        From 0 … 9 by 3, which starts over 3 times in 10 packets, a follower gets its turns
        after 4, 3 and 3 packets, and these distances take 10 packets to come again.
        """
        if len({show.late for show in shows}) > 1:
            return None
        told = {show.name: show.variable for show in shows if show.faithful and show.variable}
        sequences = [
            variable.source
            for variable in told.values()
            if not isinstance(variable.source, RandomVariable | TupleFlows)
        ]
        if not told or not all(sequence.distinct for sequence in sequences):
            return None
        whole = all(variable.name in told for variable in deepest.chain)
        if whole and (not lead or (len(deepest.chain) == 1 and sequences[0].distinct_from_start)):
            return Cycle(lead, turns.period, lead + turns.period)
        if lead or len(shows) > 1 or deepest.head is None:
            return None
        before = chain_turns(self._variables, deepest.head) or EVERY_PACKET
        own = sequences[0].turns
        if own is None or own.period == 1 or not before.wraps:
            return Cycle(0, 1, 1)
        primitive = gcd(before.period, before.wraps) == 1
        return Cycle(0, turns.period, own.period) if primitive else None

    def _shown(self, shows: list[Show]) -> Callable[[int, int], list[Values]]:
        def columns(first: int, count: int) -> list[Values]:
            block = Block(self._variables, first, count)
            return [show.seen(block.values(show.name, show.position)) for show in shows]

        return columns


def _as_it_is(values: Values) -> Values:
    return values


def _enough(shows: list[Show]) -> list[Show]:
    """The shows without those of variables that another one tells apart."""
    faithful = {(show.name, show.late): show for show in shows if show.faithful}
    return [show for show in shows if faithful.get((show.name, show.late), show) is show]
