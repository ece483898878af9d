from __future__ import annotations

import subprocess
import sys

import pytest
import scapy.data
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Dot1Q, Ether

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading import host_tables
from tests.packet.isolated import environment


@pytest.mark.parametrize(
    ("name", "number"),
    [("IPv4", 2048), ("ARP", 2054), ("IPv6", 34525), ("n_802_1Q", 33024), ("LOOP", 36864)],
)
def test_ethertypes_have_the_names_that_editors_know(
    registry: Registry, name: str, number: int
) -> None:
    for cls in (Ether, Dot1Q):
        assert (cls.type.s2i[name], cls.type.i2s[number]) == (number, name)


@pytest.mark.parametrize(
    ("name", "number"), [("ip", 0), ("icmp", 1), ("igmp", 2), ("tcp", 6), ("udp", 17)]
)
def test_protocols_have_lower_case_names(registry: Registry, name: str, number: int) -> None:
    assert (IP.proto.s2i[name], IP.proto.i2s[number]) == (number, name)


def test_ports_and_makers_have_no_names(registry: Registry) -> None:
    for field in (TCP.sport, TCP.dport, UDP.sport, UDP.dport):
        assert field.i2s == field.s2i == {}
    assert len(scapy.data.MANUFDB) == 0


@pytest.mark.parametrize("table", [host_tables.ETHER_TYPES, host_tables.IP_PROTOCOLS])
def test_names_are_unique_identifiers(table: dict[int, str]) -> None:
    assert len(set(table.values())) == len(table)
    assert all(name.isidentifier() for name in table.values())


@pytest.mark.parametrize(
    ("name", "number"),
    [("n_802_AD", 0x88A8), ("QINQ", 0x88A8), ("VLAN", 0x8100), ("MOP_RC", 0x6002), ("n_8023", 4)],
)
def test_former_names_are_read_and_not_shown(registry: Registry, name: str, number: int) -> None:
    for cls in (Ether, Dot1Q):
        assert cls.type.s2i[name] == number
        assert cls.type.i2s.get(number) != name
    assert IP.proto.s2i["hopopt"] == 0


def test_a_former_name_is_not_one_of_today() -> None:
    assert not host_tables.FORMER_ETHER_TYPES.keys() & set(host_tables.ETHER_TYPES.values())
    assert not host_tables.FORMER_IP_PROTOCOLS.keys() & set(host_tables.IP_PROTOCOLS.values())


LAYERS_FIRST = """
import scapy.data
scapy.data.IP_PROTOS[6] = "from_this_host"
scapy.data.TCP_SERVICES[80] = "from_this_host"
from scapy.layers.inet import IP, TCP
assert IP.proto.i2s[6] == TCP.dport.i2s[80] == "from_this_host"
from scapy_server.packet.loading import modules
modules.load()
print(IP.proto.i2s[6], TCP.dport.i2s, "from_this_host" in IP.proto.s2i)
"""


@pytest.mark.processes
def test_fields_that_read_the_hosts_files_first_are_corrected() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LAYERS_FIRST],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("tcp {} False\n", "")


TWICE = """
from scapy_server.packet.loading import modules
from scapy_server.packet.layers.registry import Registry

def names():
    registry = modules.load()
    return {
        (layer.id, field.name): dict(getattr(field, "i2s", None) or {})
        for layer in registry for field in layer.cls.fields_desc
        if isinstance(getattr(field, "i2s", None), dict)
    }

first = names()
print(first == names(), len(first) > 100)
"""


@pytest.mark.processes
def test_loading_again_changes_no_names() -> None:
    result = subprocess.run(
        [sys.executable, "-c", TWICE], env=environment(), capture_output=True, text=True, check=True
    )
    assert result.stdout == "True True\n"
