from __future__ import annotations

import logging
import socket
import sys
from typing import Any

import pytest
from scapy.config import conf
from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether

from scapy_server.errors import RefusedError
from scapy_server.limits import FRAME_BYTES
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading import modules
from scapy_server.packet.loading.quarantine import FROZEN_TIME
from tests.packet.isolated import reports

#: Layers that cannot be built without another layer or a value, by the reason.
NOT_BUILT_ALONE = {
    "reads the header of the layer below": """
        DceRpc5AbstractSyntax DceRpc5Context DceRpc5PortAny DceRpc5Result DceRpc5TransferSyntax
        Dot15d4Beacon Dot15d4Cmd Dot15d4Data EIR_AdvertisingInterval EtherCat
        ISIS_L1_CSNP ISIS_L1_LAN_Hello ISIS_L1_LSP ISIS_L1_PSNP ISIS_L2_CSNP
        ISIS_L2_LAN_Hello ISIS_L2_LSP ISIS_L2_PSNP ISIS_P2P_Hello""",
    "reads the layer above for its check sum": "ISIS_CommonHdr",
    "reads fields that only its subclasses have": """
        EtherCatType12DLPDU PCO_Option PCO_Protocol PCOMBinary""",
    "is encrypted or signed with keys of a session": """
        ClientDiffieHellmanPublic EncryptedPreMasterSecret
        TLSCertificateVerify""",
    "needs a value for which no constant is right": """
        AVP_Unknown CDPAddrRecord CMC_AddAttributes DCPManufacturerSpecificBlock
        KERB_SUPERSEDED_BY_USER LDAP_ModifyDNRequest NetflowOptionsFlowset10
        NetflowOptionsFlowsetV9 PCO_PPP_Challenge ReadModuleDataConfirmation
        WriteModuleDataRequest X509_Attribute X509_AttributeValue
        X509_ExtSubjectDirectoryAttributes""",
    "is declared wrongly by Scapy": """
        AVP_VL_NV AVP_VL_V BackendKeyData Bind DataRow DtpGenericTlv HCSIPacket NRFS2_Packet
        ParameterStatus Parse SMBNegotiate_Response_Security SSLRequest""",
}


@pytest.mark.sweep
def test_no_layer_asks_the_host() -> None:
    for report in reports():
        assert report["ambient"] == {}


@pytest.mark.sweep
@pytest.mark.parametrize("part", ["ids", "bindings", "layer_modules", "alone", "digest"])
def test_hosts_clocks_and_orders_of_use_make_no_difference(part: str) -> None:
    here, there = reports()
    assert here[part] == there[part]


@pytest.mark.sweep
@pytest.mark.skipif(modules.scapy_version() < (2, 8), reason="the list is of the newest Scapy")
def test_every_layer_is_built_alone_but_those_listed() -> None:
    failed = {layer for layer, frame in reports()[0]["alone"].items() if frame.endswith("!")}
    listed = {layer for layers in NOT_BUILT_ALONE.values() for layer in layers.split()}
    assert failed == listed


def test_scapy_is_mute(registry: Registry, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("scapy", "scapy.runtime", "scapy.loading", "scapy.contrib.bgp"):
        logging.getLogger(name).critical("one line of %s", name)
    registry.layer("DNS").cls(bytes(range(256)))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["example.com", "localhost", "1.2.3.4%lo", "300.1.1.1"])
@pytest.mark.parametrize(("cls", "field"), [(IP, "dst"), (IPv6, "src"), (ICMP, "gw")])
def test_no_name_is_looked_up(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, cls: Any, field: str, name: str
) -> None:
    def asked(*arguments: object, **_: object) -> None:
        raise AssertionError(f"asked for {arguments}")

    for resolver in ("getaddrinfo", "gethostbyname", "gethostbyaddr", "if_nametoindex"):
        monkeypatch.setattr(socket, resolver, asked)
    with pytest.raises((ValueError, OSError)):
        bytes(cls(type=5, gw=name) if cls is ICMP else cls(**{field: name}))


@pytest.mark.parametrize(
    ("cls", "fields", "expected"),
    [
        (Ether, ("dst", "src"), "000000010000000000020000"),
        (IP, ("src", "dst"), "1000000130000001"),
        (IPv6, ("src", "dst"), "00" * 15 + "02" + "00" * 15 + "01"),
        (ARP, ("hwsrc", "psrc"), "00000000000010000001"),
    ],
)
def test_none_means_the_documented_default(
    registry: Registry, cls: Any, fields: tuple[str, ...], expected: str
) -> None:
    assert expected in bytes(cls(**dict.fromkeys(fields))).hex()


def test_routes_are_not_read_from_the_host(registry: Registry) -> None:
    assert conf.route.route("8.8.8.8") == ("", "16.0.0.1", "")
    assert conf.route6.route("2001:db8::1") == ("", "::2", "")


def test_bodies_stay_as_they_are_on_the_wire(registry: Registry) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + b"\x1f\x8b\x08\x00"
    assert bytes(registry.layer("HTTP").cls(body)) == body


def test_importing_everything_brings_no_stand_ins(registry: Registry) -> None:
    names: dict[str, Any] = {}
    exec("from scapy.layers.inet import *\nfrom scapy.contrib.pfcp import *", names)
    assert names.keys() >= {"IP", "TCP", "PFCP"}
    assert names.keys().isdisjoint({"print", "open", "time", "os", "socket", "random"})
    assert sys.modules["time"].time() > FROZEN_TIME


def test_two_pfcp_elements_share_no_field(registry: Registry) -> None:
    rule, detection = registry.layer("IE_CreatePDR").cls, registry.layer("IE_PDI").cls
    assert (bytes(rule())[:2], bytes(detection())[:2]) == (b"\x00\x01", b"\x00\x02")
    assert (rule.fields_desc[0].default, detection.fields_desc[0].default) == (1, 2)


def test_long_lists_are_read(registry: Registry) -> None:
    message, record = registry.layer("DNS").cls, registry.layer("DNSRR").cls
    frame = bytes(message(an=[record(rrname="a", rdata="10.0.0.1")] * 1000))
    assert len(message(frame).an) == 1000


def test_what_was_read_does_not_change_the_tags_of_asn1(registry: Registry) -> None:
    layer = registry.layer("ASN1P_PRIVSEQ").cls
    before = bytes(layer())
    assert before[0] == 0
    layer(b"\xa3" + before[1:])
    assert bytes(layer()) == before


def test_bits_whose_number_is_said_elsewhere_are_bounded(registry: Registry) -> None:
    number = registry.layer("Mpint").cls
    assert bytes(number(length=2, value=0x10203)) == b"\0\0\0\x02\x02\x03"
    assert len(bytes(number(length=FRAME_BYTES - 4))) == FRAME_BYTES
    with pytest.raises(RefusedError, match="a packet may be at most"):
        bytes(number(length=0xFFFFFFFF))
    compressed = registry.layer("LoWPAN_HC1").cls
    assert bytes(compressed(si=1, sp=1, di=1, dp=1, hc2=0))[-1] & 0b111 == 0


@pytest.mark.parametrize("text", ["1.3.-1", "-1", "-2.5"])
def test_object_identifiers_have_no_negative_parts(registry: Registry, text: str) -> None:
    variable = registry.layer("SNMPvarbind").cls
    assert bytes(variable(oid="1.3.6.1"))[2:7] == bytes.fromhex("06032b0601")
    with pytest.raises(ValueError, match="negative"):
        bytes(variable(oid=text))


@pytest.mark.parametrize("group", [None, 23, 29, 256])
def test_no_key_is_drawn_for_an_empty_exchange(registry: Registry, group: int | None) -> None:
    entry = registry.layer("KeyShareEntry").cls
    built = bytes(entry(group=group, key_exchange=b""))
    assert built == (group or 23).to_bytes(2, "big") + bytes(2)


def test_an_empty_string_of_ssh_builds_no_key(registry: Registry) -> None:
    reply = registry.layer("SSHKexDHReply").cls
    data = bytes(reply())
    key = reply(data).K_S
    assert (key.length, key.value, len(bytes(key))) == (0, b"", 4)


def test_entries_say_where_the_next_one_begins(registry: Registry) -> None:
    """Whatever their field for that is called; what was given, or has a default, stays."""
    response = registry.layer("SMB2_Change_Notify_Response").cls
    entry = registry.layer("FILE_NOTIFY_INFORMATION").cls
    entries = [entry(FileName=b"a\0", FileNameLength=2), entry(NextEntryOffset=7)]
    data = bytes(response(Buffer=[("Output", entries)]))
    assert data[8:] == b"".join(map(bytes, entries))
    listing = registry.layer("FileBothDirectoryInformation").cls
    entry = registry.layer("FILE_BOTH_DIR_INFORMATION").cls
    data = bytes(listing(files=[entry(), entry()]))
    assert (data[:4], data[len(data) // 2 :][:4]) == (bytes([len(data) // 2, 0, 0, 0]), bytes(4))
