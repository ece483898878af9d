"""After how many packets a stream repeats, computed and not counted."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, lcm
from typing import TypeAlias

from scapy_server.engine.bounds import RANDOM_STATE
from scapy_server.engine.random_numbers import STATE_PERIOD
from scapy_server.engine.tuples import TupleFlows
from scapy_server.engine.variables import (
    ChainCycle,
    RandomVariable,
    Variable,
    VariableSet,
)

#: (lead, period) in packets.
Cycle: TypeAlias = tuple[int, int]


def joined(cycles: Iterable[Cycle | None]) -> Cycle | None:
    """The cycle of several things together, None if one of them has none that is known."""
    lead, period = 0, 1
    for cycle in cycles:
        if cycle is None:
            return None
        lead, period = max(lead, cycle[0]), lcm(period, cycle[1])
    return lead, period


def read_cycle(variables: VariableSet, name: str, position: int) -> Cycle | None:
    """The cycle of what the instruction at a position reads under a name."""
    if name == RANDOM_STATE and name not in variables.by_name:
        return _generator_cycle(variables, STATE_PERIOD)
    variable = variables.by_name[name]
    cycle = _variable_cycle(variables, variable)
    if cycle is None or variable.position > position:
        return cycle
    # After its instruction, a variable is one packet further.
    return max(cycle[0] - 1, 0), cycle[1]


def _variable_cycle(variables: VariableSet, variable: Variable) -> Cycle | None:
    source = variable.source
    if isinstance(source, TupleFlows):
        return source.cycle(variable.name.rpartition(".")[2])
    if isinstance(source, RandomVariable):
        cycle = _generator_cycle(variables, source.choice.draw_period)
        if cycle is None:
            return None
        # What it drew before the lead still shows until it draws again.
        drawn = variables.packets_until(variable, variables.runs(variable, cycle[0]) + 1)
        return max(cycle[0], drawn or 0), cycle[1]
    chain = _chain_cycle(variables, variable)
    return None if chain is None else chain[:2]


def _chain_cycle(variables: VariableSet, variable: Variable) -> ChainCycle | None:
    """The cycle of a variable and all before it in its chain."""
    known = variables.chain_cycles
    if variable.name not in known:
        known[variable.name] = _computed_chain_cycle(variables, variable)
    return known[variable.name]


def _computed_chain_cycle(variables: VariableSet, variable: Variable) -> ChainCycle | None:
    chain: ChainCycle | None = (0, 1, 1)
    if variable.head is not None:
        chain = _chain_cycle(variables, variable.head)
    source = variable.source
    if chain is None or isinstance(source, RandomVariable | TupleFlows):
        return chain
    lead, period, runs = chain
    if runs == 0:
        return lead, period, 0
    if source.cycle is None:
        return None
    own_lead, own_period, own_wraps = source.cycle
    until = variables.packets_until(variable, own_lead) if own_lead else 0
    times = own_period // gcd(own_period, runs)
    return max(lead, until or 0), period * times, runs * times // own_period * own_wraps


def _generator_cycle(variables: VariableSet, draw_period: int) -> Cycle | None:
    """After how many packets the generator's draws repeat."""
    chains = [(variable, _chain_cycle(variables, variable)) for variable in variables.randoms]
    together = joined(None if chain is None else chain[:2] for _, chain in chains)
    if together is None:
        return None
    lead, period = together
    draws = 0
    for variable, chain in chains:
        assert chain is not None
        assert isinstance(variable.source, RandomVariable)
        draws += variable.source.choice.draws * chain[2] * (period // chain[1])
    return lead, period * (draw_period // gcd(draw_period, draws)) if draws else period
