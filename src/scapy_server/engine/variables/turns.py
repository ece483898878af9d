"""After how many packets a variable shows the same again, computed and not counted."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, lcm

from scapy_server.engine.variables.draws import STATE_PERIOD
from scapy_server.engine.variables.sequences import Turns
from scapy_server.engine.variables.tuples import TupleFlows
from scapy_server.engine.variables.variable_set import RandomVariable, Variable, VariableSet

#: A variable that is run in every packet moves its follower in each, whatever it shows.
EVERY_PACKET = Turns(0, 1, 1)


def chain_turns(variables: VariableSet, variable: Variable) -> Turns | None:
    """The turns in packets of a variable and all before it in its chain.

    None where a variable overflows too irregularly. Lead and period are those of the places
    in the sequences: what a variable shows may repeat earlier.
    """
    known = variables.chain_turns
    if variable.name not in known:
        known[variable.name] = _chain_turns(variables, variable)
    return known[variable.name]


def _chain_turns(variables: VariableSet, variable: Variable) -> Turns | None:
    """A variable that goes round in p runs, behind a chain that runs it r times in P packets.

    After P packets it is r places on, and so at its start again after p / gcd(p, r) times P.
    In these it has been run r p / gcd(p, r) times, which is r / gcd(p, r) whole rounds with
    `wraps` wraps each. Of two variables 0 … 9 by 3 and 0 … 3 the first one wraps 3 times in
    10 packets, and the second, run 3 times, is back after 4 times 10 packets, in which it
    went round 3 times.
    """
    chain: Turns | None = EVERY_PACKET
    if variable.head is not None:
        chain = chain_turns(variables, variable.head)
    source = variable.source
    if chain is None or isinstance(source, RandomVariable | TupleFlows):
        return chain
    lead, period, runs = chain
    if runs == 0:
        return Turns(lead, period, 0)
    if source.turns is None:
        return None
    own = source.turns
    until = variables.packets_until(variable, own.lead) if own.lead else 0
    times = own.period // gcd(own.period, runs)
    return Turns(max(lead, until or 0), period * times, runs * times // own.period * own.wraps)


def state_turns(variables: VariableSet) -> tuple[int, int] | None:
    """(lead, period) in packets of the state of the random generator."""
    return drawn_turns(variables, STATE_PERIOD)


def drawn_turns(variables: VariableSet, draw_period: int) -> tuple[int, int] | None:
    """(lead, period) in packets of draws that repeat after that many of them."""
    chains = [(variable, chain_turns(variables, variable)) for variable in variables.randoms]
    together = joined(chain for _, chain in chains)
    if together is None:
        return None
    lead, period = together
    draws = 0
    for variable, chain in chains:
        assert chain is not None
        assert isinstance(variable.source, RandomVariable)
        draws += variable.source.choice.draws * chain.wraps * (period // chain.period)
    return lead, period * (draw_period // gcd(draw_period, draws)) if draws else period


def random_turns(variables: VariableSet, variable: Variable) -> tuple[int, int] | None:
    """(lead, period) in packets of a variable that draws from the generator."""
    assert isinstance(variable.source, RandomVariable)
    cycle = drawn_turns(variables, variable.source.choice.draw_period)
    if cycle is None:
        return None
    # What it drew before the lead still shows until it draws again.
    drawn = variables.packets_until(variable, variables.runs(variable, cycle[0]) + 1)
    return max(cycle[0], drawn or 0), cycle[1]


def joined(turns: Iterable[Turns | None]) -> tuple[int, int] | None:
    """(lead, period) of several things together, None if one of them has none."""
    lead, period = 0, 1
    for each in turns:
        if each is None:
            return None
        lead, period = max(lead, each.lead), lcm(period, each.period)
    return lead, period
