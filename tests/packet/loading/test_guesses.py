"""The right answers are those of RFC 4302, RFC 4884, RFC 5613, RFC 6793 and SSL 2.0."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, ICMPExtension_Header, ICMPExtension_Object
from scapy.layers.isakmp import ISAKMP_payload_Proposal, ISAKMP_payload_Transform
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from scapy_server.captures.writing import write_capture
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.packets_as_text import packet_of
from scapy_server.schema.results import FieldResult, PartResult
from tests import tshark
from tests.packet.properties import binary, paths

QUOTE = bytes(IP() / UDP(sport=9, dport=9) / Raw(bytes(300)))
EXTENSION: Packet = ICMPExtension_Header() / ICMPExtension_Object() / Raw(b"abcd")
TRACED: Packet = Ether() / IP() / ICMP(type=11)


@pytest.mark.parametrize(("checksum", "read"), [(None, True), (0, True), (0x1234, False)])
def test_an_extension_has_its_checksum(
    checksum: int | None, read: bool, registry: Registry
) -> None:
    extension = ICMPExtension_Header(chksum=checksum) / EXTENSION.payload
    found = Ether(bytes(TRACED / Raw(QUOTE[:128] + bytes(extension))))[ICMP]
    assert (found.fields.get("ext") is not None) is read


def test_an_extension_behind_a_longer_quote(registry: Registry) -> None:
    longer = Ether() / IP() / ICMP(type=11, length=40)
    frame = bytes(longer / Raw(QUOTE[:160] + bytes(EXTENSION)))
    assert Ether(frame)[ICMP].ext.version == 2


def built(registry: Registry, *model: dict[str, Any]) -> bytes:
    return binary(PacketCodec(registry).build(parse_model(list(model), registry)))


@pytest.mark.parametrize("given", [[], [{"id": "len", "value": 44}]])
def test_a_block_for_local_signaling_is_not_counted(
    given: list[dict[str, Any]], registry: Registry
) -> None:
    hello: dict[str, Any] = {"id": "OSPF_Hello", "fields": [{"id": "options", "value": 0x12}]}
    frame = built(registry, {"id": "OSPF_Hdr", "fields": given}, hello, {"id": "OSPF_LLS_Hdr"})
    assert frame[2:4] == b"\x00\x2c"
    assert len(frame) > 44


@pytest.mark.parametrize("given", [[], [{"id": "padlen", "value": 0}]])
def test_a_record_of_ssl_without_padding_has_a_header_of_two_bytes(
    given: list[dict[str, Any]], registry: Registry
) -> None:
    message = {"id": "msg", "value": {"vtype": "EXPRESSION", "expr": "[Raw(b'\\x04abc')]"}}
    frame = built(registry, {"id": "SSLv2", "fields": [message, *given]})
    assert frame == b"\x80\x04\x04abc"


@pytest.mark.processes
def test_commands_in_one_message_begin_where_the_one_before_says(
    registry: Registry, tmp_path: Path
) -> None:
    """Two echoes, of 68 bytes each: the first one is filled up to a multiple of 8."""
    header = struct.Struct("<4sHHIHHIIQIIQ16s")

    def echo(following: int) -> bytes:
        head = header.pack(b"\xfeSMB", 64, 1, 0, 13, 1, 0, following, 7, 1, 0, 5, bytes(16))
        return head + b"\x04\0\0\0"

    message = echo(72) + bytes(4) + echo(0)
    session = Raw(len(message).to_bytes(4, "big") + message)
    frame = bytes(Ether() / IP() / TCP(dport=445, sport=50000, flags="PA") / session)
    (tmp_path / "smb.pcap").write_bytes(write_capture([frame]))
    seen = tshark.dissect(tmp_path / "smb.pcap")[0]
    places = [
        field.position
        for protocol in seen.protocols
        for field in protocol.walk()
        if field.name == "smb2.protocol_id"
    ]
    result = PacketCodec(registry).dissect(frame)
    assert [layer.offset for layer in result.data if layer.id == "SMB2_Header"] == places
    assert len(places) == 2


def _update(type_code: int, value: bytes) -> bytes:
    """A frame with a BGP UPDATE of one path attribute."""
    attribute = bytes([0x40, type_code, len(value)]) + value
    body = b"\0\0" + len(attribute).to_bytes(2, "big") + attribute
    header = b"\xff" * 16 + (19 + len(body)).to_bytes(2, "big") + b"\x02"
    return bytes(Ether() / IP() / TCP(sport=179, dport=40000, flags="PA") / Raw(header + body))


#: The value of an AS_PATH, the class that reads it, and the numbers of each segment.
PATHS = [
    ("0201fdea", "BGPPAASPath", ["[65002]"]),
    ("02010000fdea", "BGPPAAS4BytesPath", ["[65002]"]),
    ("0202000100010000fdea 0101 00000007", "BGPPAAS4BytesPath", ["[65537, 65002]", "[7]"]),
    ("0202fdeafdeb 0101 0007", "BGPPAASPath", ["[65002, 65003]", "[7]"]),
    ("", "BGPPAASPath", []),
]


@pytest.mark.parametrize(("value", "layer", "numbers"), PATHS)
def test_numbers_of_systems_are_as_wide_as_fills_the_path(
    value: str, layer: str, numbers: list[str], registry: Registry
) -> None:
    result = PacketCodec(registry).dissect(_update(2, bytes.fromhex(value)))
    shown = dict(paths(result.data[-1].fields, ""))
    assert text_of(shown["path_attr[0].attribute"]).startswith(f"{layer}(")
    segments = [field for path, field in shown.items() if path.endswith(".segment_value")]
    assert [text_of(segment) for segment in segments] == numbers


def text_of(field: FieldResult | PartResult) -> str:
    """The expression that a field is shown as."""
    assert isinstance(field.value, dict)
    return str(field.value["expr"])


def test_the_aggregator_has_a_number_as_wide_as_its_value(registry: Registry) -> None:
    codec = PacketCodec(registry)
    for number in (b"\xfd\xea", b"\0\1\0\1"):
        result = codec.dissect(_update(7, number + bytes([192, 0, 2, 1])))
        shown = dict(paths(result.data[-1].fields, "path_attr[0]."))
        found = {path.rpartition(".")[2]: field.value for path, field in shown.items()}
        assert found["aggregator_asn"] == int.from_bytes(number, "big")
        assert found["speaker_address"] == "192.0.2.1"


def test_tshark_finds_the_same_numbers(registry: Registry, tmp_path: Path) -> None:
    read = PATHS[1:4]  # it wants more than one number of two bytes
    capture = tmp_path / "paths.pcap"
    capture.write_bytes(write_capture([_update(2, bytes.fromhex(v)) for v, _, _ in read]))
    names = tuple(f"bgp.update.path_attribute.as_path_segment.as{size}" for size in (2, 4))
    for packet, (_, _, numbers) in zip(tshark.dissect(capture), read, strict=True):
        every = (field for protocol in packet.protocols for field in protocol.walk())
        found = [field.show for field in every if field.name in names]
        assert found == [number for each in numbers for number in each.strip("[]").split(", ")]


AUTHENTICATED = [
    ("IP()/AH(icv=b'123456789012')/TCP()", "0604"),
    ("IPv6()/AH(icv=b'123456789012')/ICMPv6EchoRequest()", "3a04"),
    ("IP()/AH(icv=b'123456789012')/IP()", "0404"),
    ("IP()/AH()", "0001"),
    ("IP()/AH(nh=17,payloadlen=9,icv=b'123456789012')/TCP()", "1109"),
]


@pytest.mark.parametrize(("text", "header"), AUTHENTICATED)
def test_an_authentication_header_says_how_long_it_is_and_what_follows(
    text: str, header: str, registry: Registry
) -> None:
    result = PacketCodec(registry).build_packet(packet_of(text, registry))
    start = result.data[1].offset
    assert binary(result)[start : start + 2].hex() == header


def test_tshark_follows_an_authentication_header(registry: Registry, tmp_path: Path) -> None:
    capture = tmp_path / "ah.pcap"
    codec = PacketCodec(registry)
    texts = [text for text, _ in AUTHENTICATED[:2]]
    built_ones = [codec.build_packet(packet_of(f"Ether()/{text}", registry)) for text in texts]
    capture.write_bytes(write_capture([binary(each) for each in built_ones]))
    found = [packet.protocols[-1].name for packet in tshark.dissect(capture)]
    assert found == ["tcp", "icmpv6"]


@pytest.mark.parametrize("missing", [0, 4, 7])
def test_what_fills_a_command_is_built_as_its_header_says(missing: int, registry: Registry) -> None:
    """The second command begins where the first one's header has it (MS-SMB2, 2.2.1.2)."""
    echo = {"id": "SMB2_Echo_Request"}
    first = {"id": "NextCommand", "value": 68 + missing}
    model = [
        {"id": "SMB2_Header", "fields": [{"id": "Command", "value": 13}, first]},
        echo,
        {"id": "SMB2_Header", "fields": [{"id": "Command", "value": 13}]},
        echo,
    ]
    result = PacketCodec(registry).build(parse_model(model, registry))
    assert [layer.offset for layer in result.data] == [0, 64, 68 + missing, 132 + missing]
    assert binary(result)[68 : 68 + missing] == bytes(missing)
    assert all(layer.valid_structure for layer in result.data)


def test_no_more_is_filled_than_commands_are_filled_up_with(registry: Registry) -> None:
    far = {"id": "NextCommand", "value": 0x7FFFFFFF}
    model = [{"id": "SMB2_Header", "fields": [far]}, {"id": "SMB2_Echo_Request"}]
    model += [{"id": "SMB2_Header"}, {"id": "SMB2_Echo_Request"}]
    assert len(binary(PacketCodec(registry).build(parse_model(model, registry)))) == 136


@pytest.mark.parametrize("family", ["02000000", "00000002", "0000001e", "002f006c", "1e000000"])
def test_a_family_is_built_as_it_was_read(family: str, registry: Registry) -> None:
    frame = bytes.fromhex(family) + bytes(IP())
    codec = PacketCodec(registry)
    result = codec.dissect(frame, 0)
    model = [
        {"id": layer.id, "fields": [{"id": f.id, "value": f.value} for f in layer.fields]}
        for layer in result.data
    ]
    assert binary(codec.build(parse_model(model, registry))) == frame
    assert result.data[0]["type"] == int.from_bytes(frame[:4], "little")


@pytest.mark.parametrize(("protocol", "name"), [(1, "Encryption"), (3, "KeyLength")])
def test_transforms_are_named_by_the_proposal_around_them(
    protocol: int, name: str, registry: Registry
) -> None:
    """Whatever the transform carries: RFC 2407, sections 4.4.1 and 4.5; RFC 2409, appendix A."""
    number = {"Encryption": 1, "KeyLength": 6}[name]
    transform = struct.pack("!BBHBBHHH", 0, 0, 12, 1, 1, 0, 0x8000 | number, 7)
    proposal = struct.pack("!BBHBBBB", 0, 0, 8 + len(transform), 1, protocol, 0, 1) + transform
    read = ISAKMP_payload_Proposal(proposal)
    (found,) = read.trans.transforms
    assert found[0] == name
    alone = ISAKMP_payload_Transform(transforms=[("Encryption", "AES-CBC")])
    carried = bytes(alone / ISAKMP_payload_Proposal(proto=3))
    assert carried.startswith(bytes(alone)[4:12], 4)
