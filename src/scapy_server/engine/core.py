"""The packets of one data-plane core, by the core's own count.

Source: docs/engine.md, "One packet", "The cache", "Several cores".
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.steps import Steps
from scapy_server.engine.variables.blocks import Block
from scapy_server.engine.variables.variable_set import VariableSet
from scapy_server.engine.vm import Vm
from scapy_server.engine.writes import MaskedWrite, PlainWrite, Rows

Lengths: TypeAlias = NDArray[np.uint16]


class CoreRenderer:
    """The packets of one core, by the core's own count.

    `template` is padded; `cache` is the core's share of the stream's, 0 for none.
    """

    def __init__(self, program: Vm, template: bytes, variables: VariableSet, steps: Steps) -> None:
        core = variables.core
        self.index = core.index
        self.steps, self.template, self.variables = steps, template, variables
        self._template = np.frombuffer(template, np.uint8)
        self.cache = program.cache // core.count + (core.index < program.cache % core.count)
        if program.cache:
            self.cache = max(self.cache, 1)
        self._kept: tuple[Rows, Lengths | None] | None = None

    def fill(self, rows: Rows, start: int) -> Lengths | None:
        """Turn prepared rows into the packets of this core from `start` on."""
        if not self.cache:
            return self.render(rows, start)
        first = start % self.cache
        if first + len(rows) <= self.cache:
            return self.render(rows, first)
        if len(rows) <= self.cache:
            split = self.cache - first
            before, after = self.render(rows[:split], first), self.render(rows[split:], 0)
            return None if before is None or after is None else np.concatenate([before, after])
        if self._kept is None:
            kept = np.empty((self.cache, rows.shape[1]), np.uint8)
            kept[:] = self._template
            self._kept = kept, self.render(kept, 0)
        kept, lengths = self._kept
        chosen = np.arange(first, first + len(rows)) % self.cache
        rows[:] = kept[chosen]
        return None if lengths is None else lengths[chosen]

    def render(self, rows: Rows, start: int) -> Lengths | None:
        """The same as `fill`, as if there were no cache."""
        block = Block(self.variables, start, len(rows))
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
