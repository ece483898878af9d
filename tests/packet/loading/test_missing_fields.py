"""tshark, and the list of fields at radiotap.org, are the judges."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from scapy_server.captures.link_types import link_type_of
from scapy_server.captures.writing import write_capture
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from tests import tshark
from tests.packet.properties import binary, value_of, whole_model

RADIOTAP = link_type_of("IEEE802_11_RADIOTAP")
NAMES = {
    "TX_Attenuation": "radiotap.txattenuation",
    "dB_TX_Attenuation": "radiotap.db_txattenuation",
    "dBm_TX_Power": "radiotap.txpower",
    "Antenna": "radiotap.antenna",
    "dB_AntSignal": "radiotap.db_antsignal",
    "dB_AntNoise": "radiotap.db_antnoise",
}
#: Flags, rate, and all from attenuation to the flags of receiving; an acknowledgement.
PRESENT = 1 << 1 | 1 << 2 | 0x7F00
FRAME = (
    struct.pack("<BBHI", 0, 0, 20, PRESENT)
    + bytes([0, 2])
    + struct.pack("<HHbBBB", 0x1234, 0x2345, -7, 3, 40, 9)
    + struct.pack("<H", 2)
    + bytes.fromhex("d4000000 020000000001")
)


def test_a_frame_is_built_by_what_is_shown_of_it(registry: Registry) -> None:
    codec = PacketCodec(registry)
    model = whole_model(codec.dissect(FRAME, RADIOTAP), value_of)
    assert binary(codec.build(parse_model(model, registry))) == FRAME


@pytest.mark.processes
def test_tshark_finds_them_at_the_same_places(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "radiotap.pcap"
    path.write_bytes(write_capture([FRAME], RADIOTAP))
    (header,) = (each for each in tshark.dissect(path)[0].protocols if each.name == "radiotap")
    shown = {
        field.id: field
        for field in PacketCodec(registry).dissect(FRAME, RADIOTAP).data[0].fields
        if field.ignored is not True
    }
    for field_id, name in NAMES.items():
        field, seen = shown[field_id], header.first(name)
        assert (field.bit_offset, field.bit_length) == (8 * seen.position, 8 * seen.size)
        assert field.value == int(seen.show), field_id
    assert shown["RXFlags"].value == 2
