"""Tagged packet groups, which there are none of."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.methods.groups import METHODS
from tests.services.ports.rig import Refused, Rig

NO_GROUPS = {
    "enabled": False,
    "data": {
        "acquired_ports": [], "rx_ports": [], "username": "-", "num_tpgids": 0, "num_tags": 0,
    },
}  # fmt: skip


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_they_are_off_for_a_port_and_for_a_user(rig: Rig) -> None:
    assert rig.call("get_tpg_status", port_id=0) == NO_GROUPS
    assert rig.call("get_tpg_status", username="me") == NO_GROUPS
    assert rig.call("get_tpg_state", username="me") == 0


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "at least one between port_id and username"),
        ({"port_id": 0, "username": "me"}, "only one between port_id and username"),
    ],
)
def test_one_of_both_is_asked_for(rig: Rig, params: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        rig.call("get_tpg_status", **params)


@pytest.mark.parametrize("name", [method.name for method in METHODS if method.summary == "refused"])
def test_all_else_is_refused(rig: Rig, name: str) -> None:
    with pytest.raises(Refused, match="Tagged Packet Group is not enabled") as refusal:
        rig.call(name, port_id=0)
    assert refusal.value.code == -32000


def test_a_port_must_be_there(rig: Rig) -> None:
    with pytest.raises(Refused, match="port"):
        rig.call("get_tpg_stats", port_id=9)
