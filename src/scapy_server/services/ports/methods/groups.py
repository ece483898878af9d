"""Tagged packet groups, which software ports do not have: clients ask all the same."""

from __future__ import annotations

from typing import Any, NoReturn

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import NotExecuted

_DISABLED = 0


def _get_tpg_status(control: Control, fields: Fields) -> dict[str, Any]:
    by_port, by_user = fields.has("port_id"), fields.has("username")
    if by_port and by_user:
        raise NotExecuted("Should provide only one between port_id and username to get TPG status")
    if not (by_port or by_user):
        raise NotExecuted(
            "Should provide at least one between port_id and username to get TPG status"
        )
    if by_port:
        control.port_of(fields)
    else:
        fields.text("username")
    data = {"acquired_ports": [], "rx_ports": [], "username": "-", "num_tpgids": 0, "num_tags": 0}
    return {"enabled": False, "data": data}


def _get_tpg_state(control: Control, fields: Fields) -> int:
    fields.text("username")
    return _DISABLED


def _refused(control: Control, fields: Fields) -> NoReturn:
    raise NotExecuted("Tagged Packet Group is not enabled.")


def _refused_on_port(control: Control, fields: Fields) -> NoReturn:
    control.port_of(fields)
    raise NotExecuted("Tagged Packet Group is not enabled on this port.")


def _refused_tags_on_port(control: Control, fields: Fields) -> NoReturn:
    control.port_of(fields)
    raise NotExecuted("Tagged Packet Group is not enabled or collecting on this port.")


METHODS = (
    Method("get_tpg_status", _get_tpg_status, "whether there are tagged packet groups: no"),
    Method("get_tpg_state", _get_tpg_state, "how far they are: not at all"),
    Method("enable_tpg", _refused, "refused"),
    Method("disable_tpg", _refused, "refused"),
    Method("update_tpg_tags", _refused, "refused"),
    Method("get_tpg_tags", _refused, "refused"),
    Method("clear_updated", _refused, "refused"),
    Method("get_tpg_stats", _refused_on_port, "refused"),
    Method("clear_tpg_stats", _refused_on_port, "refused"),
    Method("get_tpg_tx_stats", _refused_on_port, "refused"),
    Method("clear_tpg_tx_stats", _refused_on_port, "refused"),
    Method("get_tpg_unknown_tags", _refused_tags_on_port, "refused"),
    Method("clear_tpg_unknown_tags", _refused_tags_on_port, "refused"),
)
