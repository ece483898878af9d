from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import scapy.contrib
import scapy.layers
from scapy.config import conf
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Dot1Q, Ether
from scapy.packet import Raw

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading import modules
from scapy_server.packet.loading.module_list import ABSTRACT, LEFT_OUT, MODULES
from tests.packet.isolated import environment
from tests.packet.protocols_page import page

ETHER_TYPES = {
    0x0800: "IP",
    0x0806: "ARP",
    0x8100: "Dot1Q",
    0x86DD: "IPv6",
    0x8847: "MPLS",
    0x8863: "PPPoED",
    0x8864: "PPPoE",
    0x888E: "EAPOL",
    0x88A8: "Dot1AD",
    0x88CC: "LLDPDU",
    0x88E5: "MACsec",
}
IP_PROTOCOLS = {
    1: "ICMP",
    2: "IGMP",
    4: "IP",
    6: "TCP",
    17: "UDP",
    41: "IPv6",
    47: "GRE",
    50: "ESP",
    51: "AH",
    88: "EIGRP",
    89: "OSPF_Hdr",
    103: "PIMv2Hdr",
    112: "VRRP",
    132: "SCTP",
}
UDP_PORTS = {
    53: "DNS",
    69: "TFTP",
    123: "NTP",
    161: "SNMP",
    500: "IKEv2",
    520: "RIP",
    1812: "Radius",
    2123: "GTPHeader",
    2152: "GTP_U_Header",
    3784: "BFD",
    4789: "VXLAN",
    5683: "CoAP",
    6081: "GENEVE",
    8805: "PFCP",
}
TCP_PORTS = {
    53: "DNS",
    80: "HTTP",
    179: "BGP",
    443: "TLS",
    502: "ModbusADURequest",
    646: "LDP",
    1883: "MQTT",
    2000: "Skinny",
}
GRE_PROTOCOLS = {0x0800: "IP", 0x6558: "Ether", 0x86DD: "IPv6", 0x8847: "MPLS"}


@pytest.mark.parametrize(
    ("lower", "field", "choices"),
    [
        (Ether, "type", ETHER_TYPES),
        (Dot1Q, "type", {0x0800: "IP", 0x8100: "Dot1Q", 0x86DD: "IPv6"}),
        (IP, "proto", IP_PROTOCOLS),
        (IPv6, "nh", {6: "TCP", 17: "UDP", 41: "IPv6", 112: "VRRPv3"}),
        (UDP, "dport", UDP_PORTS),
        (TCP, "dport", TCP_PORTS),
        (GRE, "proto", GRE_PROTOCOLS),
    ],
)
def test_bindings_of_the_core_layers(
    registry: Registry, lower: Any, field: str, choices: dict[int, str]
) -> None:
    other = {TCP: {"sport": 65000}, UDP: {"sport": 65000}, IP: {"ttl": 1}}.get(lower, {})
    chosen = {
        number: lower(**{**other, field: number}).guess_payload_class(bytes(64)).__name__
        for number in choices
    }
    assert chosen == choices


def test_dhcp_is_told_by_both_ports(registry: Registry) -> None:
    for sport, dport in ((68, 67), (67, 68)):
        assert UDP(sport=sport, dport=dport).guess_payload_class(bytes(300)).__name__ == "BOOTP"


def test_building_chooses_the_upper_layers_number(registry: Registry) -> None:
    carp, vrrp = registry.layer("CARP").cls, registry.layer("VRRP").cls
    isakmp = registry.layer("ISAKMP").cls
    built: list[Any] = [IP() / vrrp(), IP() / carp(), IP() / UDP() / isakmp()]
    assert (built[0].proto, built[1].proto, built[2].dport) == (112, 112, 500)


def test_every_module_of_scapy_is_loaded_or_left_out() -> None:
    existing = {
        found.name
        for package in (scapy.layers, scapy.contrib)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", lambda _: None)
        if not found.ispkg
    }
    loaded = {module.name for module in MODULES}
    undecided = {
        name
        for name in existing - loaded
        if not any(left_out.covers(name) for left_out in LEFT_OUT)
    }
    assert undecided == set()


def test_the_lists_name_nothing_twice() -> None:
    names = [module.name for module in MODULES]
    assert len(names) == len(set(names))
    newest = {module.name for module in MODULES if module.exists_in((99,))}
    assert not [n for n in newest if any(left_out.covers(n) for left_out in LEFT_OUT)]


def test_abstract_classes_exist(registry: Registry) -> None:
    for name in ABSTRACT:
        module, _, cls = name.rpartition(".")
        assert hasattr(sys.modules[module], cls), name
        assert cls not in registry or registry.layer(cls).cls.__module__ != module


def test_ids_are_unique_and_the_core_comes_first(registry: Registry) -> None:
    ids = [layer.id for layer in registry]
    assert len(ids) == len(set(ids)) > 3500
    assert ids[:4] == ["Raw", "Padding", "Ether", "Dot3"]
    assert registry.layer("IE_Cause").cls.__module__ == "scapy.contrib.gtp"
    assert registry.layer("gtp_v2.IE_Cause").cls.__module__ == "scapy.contrib.gtp_v2"


def test_nothing_that_is_left_out_is_dissected(registry: Registry) -> None:
    rtps = b"RTPS" + bytes(60)
    assert type(UDP(bytes(UDP(sport=7400, dport=7400) / Raw(rtps))).payload) is Raw
    version = modules.scapy_version()
    loaded = {module.name for module in MODULES if module.exists_in(version)}
    uppers = {upper.__module__ for cls in conf.layers for _, upper in cls.payload_guess}
    assert not [n for n in uppers - loaded if any(left_out.covers(n) for left_out in LEFT_OUT)]


def test_loading_again_gives_the_same_and_changes_no_layer(registry: Registry) -> None:
    before = {cls: dict(vars(cls)) for cls in conf.layers}
    assert [layer.id for layer in modules.load()] == [layer.id for layer in registry]
    assert {cls: dict(vars(cls)) for cls in conf.layers} == before


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (None, "No module named"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit('bye')", "SystemExit: bye"),
        ("x =", "SyntaxError"),
        ("x = 1", "defines no Scapy layer"),
    ],
)
def test_an_operators_module_that_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str | None, problem: str
) -> None:
    name = f"operators_{abs(hash(problem))}"
    if source is not None:
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RefusedError) as refused:
        modules.load([name])
    assert name in refused.value.message
    assert problem in refused.value.message
    assert "\n" not in refused.value.message


OPERATORS_MODULE = """
from scapy.fields import ByteField, IntField
from scapy.layers.inet import UDP
from scapy.packet import Packet, bind_layers
from scapy.volatile import RandInt

class Probe(Packet):
    fields_desc = [ByteField("kind", 1), IntField("token", RandInt())]

class IP(Packet):
    fields_desc = [ByteField("private", 1)]

bind_layers(UDP, Probe, dport=4242)
"""

LOAD_EXTRAS = """
from scapy_server.packet.loading import modules
registry = modules.load(["operators.probe", "scapy.contrib.automotive.uds"])
from scapy.layers.inet import IP, UDP
assert registry.layer("IP").cls is IP
probe = registry.layer("Probe").cls
assert bytes(probe()).hex() == "0100000000"
assert type(UDP(bytes(UDP(sport=4242)/probe())).payload) is probe
print(registry.layer("probe.IP").cls.__module__, registry.layer("UDS_DSC").name)
"""


@pytest.mark.processes
def test_operators_modules_are_tamed_too(tmp_path: Path) -> None:
    (tmp_path / "operators").mkdir()
    (tmp_path / "operators" / "probe.py").write_text(OPERATORS_MODULE)
    path = f"{tmp_path}{':' if sys.platform != 'win32' else ';'}"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOAD_EXTRAS],
        env=environment(PYTHONPATH=path + environment()["PYTHONPATH"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("operators.probe DiagnosticSessionControl\n", "")


def test_the_page_of_protocols_is_up_to_date() -> None:
    written = Path(__file__).parents[3] / "docs" / "protocols.md"
    assert written.read_text(encoding="utf-8") == page()
