"""`fe` itself: finds the action."""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.console.answers import Answer
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command, matching
from scapy_server.console.commands.fe import (
    add,
    compile_program,
    explain,
    global_parameters,
    listing,
    preview,
    remove,
)
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet
from scapy_server.wording import closest

ACTIONS = (
    listing.ACTION,
    add.ACTION,
    remove.ACTION,
    global_parameters.ACTION,
    compile_program.ACTION,
    explain.ACTION,
    preview.ACTION,
)
_BY_NAME = {action.name: action for action in ACTIONS}


def fe(seat: Seat, argument: str) -> Answer:
    """List, change, compile, explain or play the program."""
    name, _, rest = argument.partition(" ")
    rest = rest.strip()
    action = _BY_NAME.get(name or "list")
    if action is None:
        near = closest(name, _BY_NAME)
        hint = f"did you mean {near}?" if near else f"write {', '.join(_BY_NAME)}"
        raise DeskError(f"fe cannot {name[:32]!r}; {hint}")
    if rest and not action.parameters:
        raise DeskError(f"fe {name} stands alone, without {rest[:32]!r}")
    return action.run(seat, rest)


def _complete(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """Actions, then what stands behind them."""
    name, blank, rest = typed.partition(" ")
    if not blank:
        yield from matching(list(_BY_NAME), typed)
        return
    action = _BY_NAME.get(name)
    if action is not None and action.complete is not None:
        yield from action.complete(catalogue, rest)


COMMAND = Command(
    "fe",
    fe,
    "List, change, compile, explain or play the Field Engine program of the packet: preview shows "
    "N packets from number K on.",
    f"[{' | '.join(action.usage for action in ACTIONS)}]",
    (
        "fe add STLVmFlowVar name=ttl size=1 min_value=1 max_value=9",
        "fe add STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl",
        "fe explain",
        "fe preview 1000 5",
    ),
    _complete,
)
