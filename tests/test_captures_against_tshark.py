"""Real captures, packet by packet: rebuilt to the same bytes, and read as tshark reads them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import write_capture
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.schema.results import LayerResult, PacketResult
from tests import tshark

pytestmark = pytest.mark.processes

CAPTURES = sorted(
    path
    for path in (Path(__file__).parent / "sample_captures").iterdir()
    if path.suffix != ".bad-pcap"
)

RAW_IP = 101
LINUX_COOKED = 113

#: tshark's names of the protocols that are compared.
PROTOCOLS = {
    "Ether": "eth",
    "CookedLinux": "sll",
    "Dot1Q": "vlan",
    "ARP": "arp",
    "IP": "ip",
    "ICMP": "icmp",
    "TCP": "tcp",
    "UDP": "udp",
}

#: tshark's names of whole-byte fields; place, size and bytes are compared.
FIELDS = {
    "Ether": {"dst": "eth.dst", "src": "eth.src", "type": "eth.type"},
    "CookedLinux": {"pkttype": "sll.pkttype", "lladdrtype": "sll.hatype", "proto": "sll.etype"},
    "Dot1Q": {"type": "vlan.etype"},
    "ARP": {
        "hwtype": "arp.hw.type",
        "ptype": "arp.proto.type",
        "hwlen": "arp.hw.size",
        "plen": "arp.proto.size",
        "op": "arp.opcode",
        "hwsrc": "arp.src.hw_mac",
        "psrc": "arp.src.proto_ipv4",
        "hwdst": "arp.dst.hw_mac",
        "pdst": "arp.dst.proto_ipv4",
    },
    "IP": {
        "tos": "ip.dsfield",
        "len": "ip.len",
        "id": "ip.id",
        "ttl": "ip.ttl",
        "proto": "ip.proto",
        "chksum": "ip.checksum",
        "src": "ip.src",
        "dst": "ip.dst",
    },
    "ICMP": {"type": "icmp.type", "code": "icmp.code", "chksum": "icmp.checksum"},
    "TCP": {
        "sport": "tcp.srcport",
        "dport": "tcp.dstport",
        "seq": "tcp.seq_raw",
        "ack": "tcp.ack_raw",
        "window": "tcp.window_size_value",
        "chksum": "tcp.checksum",
        "urgptr": "tcp.urgent_pointer",
    },
    "UDP": {
        "sport": "udp.srcport",
        "dport": "udp.dstport",
        "len": "udp.length",
        "chksum": "udp.checksum",
    },
}

#: tshark's names of bit fields and how many of its units make one of ours; values are compared.
BIT_FIELDS = {
    "Dot1Q": {"prio": ("vlan.priority", 1), "dei": ("vlan.dei", 1), "vlan": ("vlan.id", 1)},
    "IP": {
        "version": ("ip.version", 1),
        "ihl": ("ip.hdr_len", 4),
        "flags": ("ip.flags", 1),
        "frag": ("ip.frag_offset", 8),
    },
    "TCP": {"dataofs": ("tcp.hdr_len", 4), "flags": ("tcp.flags", 1)},
}


def frame_of(result: PacketResult) -> bytes:
    return base64.b64decode(result.binary or b"")


def assert_same_layer(ours: LayerResult, theirs: tshark.Field, frame: bytes) -> None:
    assert ours.offset == theirs.position
    fields = {field.id: field for field in ours.fields}
    for field_id, name in FIELDS[ours.id].items():
        field, seen = fields[field_id], theirs.first(name)
        start = ours.offset + field.offset
        assert (start, field.length) == (seen.position, seen.size), name
        assert frame[start : start + field.length].hex() == seen.value, name
        if isinstance(field.value, int):
            assert field.value == int(seen.value, 16), name
        else:
            assert field.value == seen.show, name
    for field_id, (name, unit) in BIT_FIELDS.get(ours.id, {}).items():
        field, seen = fields[field_id], theirs.first(name)
        assert isinstance(field.value, int), name
        assert field.value * unit == int(seen.show, 0), name
        byte = ours.offset + field.bit_offset // 8
        assert seen.position <= byte < seen.position + seen.size, name
    if "options" in fields:
        header = theirs.first(f"{theirs.name}.hdr_len")
        rest = fields["options"]
        assert rest.offset * 8 == rest.bit_offset
        assert rest.bit_offset + rest.bit_length == 8 * int(header.show)


def assert_as_tshark_reads(
    frames: list[PacketRecord], packets: list[tshark.Packet], codec: PacketCodec
) -> None:
    names = set(PROTOCOLS.values())
    for number, (frame, packet) in enumerate(zip(frames, packets, strict=True), 1):
        result = codec.dissect(frame.data, frame.link_type)
        ours = [layer for layer in result.data if layer.id in PROTOCOLS]
        theirs = [protocol for protocol in packet.protocols if protocol.name in names]
        assert [PROTOCOLS[layer.id] for layer in ours] == [proto.name for proto in theirs], number
        for layer, protocol in zip(ours, theirs, strict=True):
            assert_same_layer(layer, protocol, frame.data)


@pytest.fixture(scope="module")
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
class TestEveryPacket:
    def test_is_as_tshark_reads_it(self, path: Path, codec: PacketCodec) -> None:
        assert_as_tshark_reads(read_capture(path.read_bytes()), tshark.dissect(path), codec)

    def test_keeps_its_bytes(self, path: Path, codec: PacketCodec) -> None:
        for frame in read_capture(path.read_bytes()):
            assert frame_of(codec.dissect(frame.data, frame.link_type)) == frame.data
            assert frame_of(codec.reconstruct(frame.data, ())) == frame.data

    def test_has_layers_one_behind_the_other(self, path: Path, codec: PacketCodec) -> None:
        for frame in read_capture(path.read_bytes()):
            layers = codec.dissect(frame.data, frame.link_type).data
            offsets = [layer.offset for layer in layers]
            assert offsets[0] == 0
            assert offsets == sorted(offsets)
            assert offsets[-1] < len(frame.data)
            assert all(layer.valid_structure for layer in layers)


@pytest.mark.parametrize(
    ("link_type", "header"),
    [(RAW_IP, b""), (LINUX_COOKED, bytes.fromhex("0000 0001 0006 000000020000 0000 0800"))],
    ids=["raw IP", "Linux cooked"],
)
def test_other_link_types(
    link_type: int, header: bytes, codec: PacketCodec, tmp_path: Path
) -> None:
    ethernet = read_capture((Path(__file__).parent / "sample_captures" / "http.pcap").read_bytes())
    path = tmp_path / "other.pcap"
    path.write_bytes(write_capture([header + frame.data[14:] for frame in ethernet], link_type))
    frames = read_capture(path.read_bytes())
    assert {frame.link_type for frame in frames} == {link_type}
    assert_as_tshark_reads(frames, tshark.dissect(path), codec)
