"""Statistics of flows."""

from __future__ import annotations

from collections import Counter as Tally
from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method
from scapy_server.services.ports.plane.commands import FlowTimes, Times
from scapy_server.services.ports.plane.counters import FlowCounter
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.services.ports.state.flows import Group

_MOST = 1152
_COUNTERS = {
    "tp": FlowCounter.SENT,
    "tb": FlowCounter.SENT_BYTES,
    "rp": FlowCounter.RECEIVED,
    "rb": FlowCounter.RECEIVED_BYTES,
}


def _get_active_pgids(control: Control, fields: Fields) -> dict[str, Any]:
    groups = [control.groups[each] for each in control.groups.ids]
    return {
        "ids": {
            "flow_stats": [group.id for group in groups if not group.is_latency],
            "latency": [group.id for group in groups if group.is_latency],
        }
    }


def _get_pgid_stats(control: Control, fields: Fields) -> dict[str, Any]:
    asked = fields.array("pgids")
    if any(isinstance(each, bool) or not isinstance(each, int) or each < 0 for each in asked):
        raise NotExecuted("Value is not convertible to UInt.")
    if len(asked) > _MOST:
        raise NotExecuted(
            f"Asking information for too many packet group IDs. Max allowed is {_MOST}"
        )
    known = control.groups.ids
    if not asked and len(known) > _MOST:
        raise NotExecuted(
            "Asking information for all packet group IDs. There are currently "
            f"{len(known)} active IDs . Max allowed is {_MOST}. Need to limit query size."
        )
    chosen = [control.groups[each] for each in dict.fromkeys(asked or known) if each in known]
    times, strangers = _times(control, [g for g in chosen if g.is_latency and g.place is not None])
    return {
        "flow_stats": {str(group.id): _counted(control, group) for group in chosen},
        "latency": {"g": strangers or None, **times},
        "ver_id": {str(group.id): group.version for group in chosen},
    }


def _counted(control: Control, group: Group) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in _COUNTERS:
        told[name], told[f"{name}s"] = {}, {}
    for number in control.ports:
        link = control.links[number]
        row = list(link.numbers).index(number)
        for name, counter in _COUNTERS.items():
            place = group.place
            count = 0 if place is None else int(link.counters.flows[row, place, counter])
            rate = 0.0 if place is None else float(link.counters.flow_rates[row, place, counter])
            told[name][str(number)] = count
            told[f"{name}s"][str(number)] = round(rate, 2)
    return told


def _times(control: Control, groups: list[Group]) -> tuple[dict[str, Any], dict[str, int]]:
    """Latencies by group, from the data plane at which packets have arrived; and strangers."""
    links = list({id(link): link for link in control.links.values()}.values())
    strangers: Tally[str] = Tally()
    told: dict[str, Any] = {}
    if not groups:
        return told, strangers
    places = {group.place: group for group in groups if group.place is not None}
    best: dict[int, int] = {}
    for link in links:
        reply = link.ask(FlowTimes(list(places)))
        if not isinstance(reply, Times):
            continue
        strangers.update(reply.strangers)
        for place, flow in reply.flows.items():
            arrived = int(link.counters.flows[:, place, FlowCounter.RECEIVED].sum())
            if arrived > best.get(place, -1):
                best[place] = arrived
                told[str(places[place].id)] = flow
    return told, strangers


METHODS = (
    Method("get_active_pgids", _get_active_pgids, "which flows are counted"),
    Method("get_pgid_stats", _get_pgid_stats, "what was counted of flows"),
)
