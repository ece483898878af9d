"""After how many packets a stream repeats, computed and not counted."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, lcm
from typing import TypeAlias

from scapy_server.field_engine.render.program import GENERATOR_NAME
from scapy_server.field_engine.render.random_numbers import STATE_PERIOD
from scapy_server.field_engine.render.tuples import TupleFlows
from scapy_server.field_engine.render.variables import RandomVariable, Variable, VariableSet

#: (lead, period) in packets.
Cycle: TypeAlias = tuple[int, int]


def joined(cycles: Iterable[Cycle]) -> Cycle:
    """The cycle of several things together."""
    lead, period = 0, 1
    for other_lead, other_period in cycles:
        lead, period = max(lead, other_lead), lcm(period, other_period)
    return lead, period


def read_cycle(variables: VariableSet, name: str, position: int) -> Cycle:
    """The cycle of what the instruction at a position reads under a name."""
    if name == GENERATOR_NAME and name not in variables.by_name:
        return _generator_cycle(variables, STATE_PERIOD)
    variable = variables.by_name[name]
    lead, period = _variable_cycle(variables, variable)
    # Before its instruction, a variable is one packet older.
    return (lead if variable.position > position else max(lead - 1, 0)), period


def _variable_cycle(variables: VariableSet, variable: Variable) -> Cycle:
    source = variable.source
    if isinstance(source, TupleFlows):
        return source.cycle(variable.name.rpartition(".")[2])
    if isinstance(source, RandomVariable):
        lead, period = _generator_cycle(variables, source.choice.draw_period)
        # What it drew before the lead still shows until it draws again.
        drawn = variables.packets_until(variable, variables.runs(variable, lead) + 1)
        return max(lead, drawn or 0), period
    lead, period, _ = _chain_cycle(variables, variable)
    return lead, period


def _chain_cycle(variables: VariableSet, variable: Variable) -> tuple[int, int, int]:
    """(lead, period, wraps in it) of a variable and all before it in its chain, in packets."""
    lead, period, runs = 0, 1, 1
    if variable.head is not None:
        lead, period, runs = _chain_cycle(variables, variable.head)
    source = variable.source
    if isinstance(source, RandomVariable | TupleFlows):
        return lead, period, runs
    own_lead, own_period, own_wraps = source.cycle
    if runs == 0:
        return lead, period, 0
    until = variables.packets_until(variable, own_lead)
    times = own_period // gcd(own_period, runs)
    return max(lead, until or 0), period * times, runs * times // own_period * own_wraps


def _generator_cycle(variables: VariableSet, draw_period: int) -> Cycle:
    """After how many packets the generator's draws repeat."""
    lead, period = 0, 1
    chains = []
    for variable in variables.randoms:
        chain = _chain_cycle(variables, variable)
        chains.append((variable, chain))
        lead, period = joined([(lead, period), chain[:2]])
    draws = 0
    for variable, (_, own_period, runs) in chains:
        assert isinstance(variable.source, RandomVariable)
        draws += variable.source.choice.draws * runs * (period // own_period)
    return lead, period * (draw_period // gcd(draw_period, draws)) if draws else period
