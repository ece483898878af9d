"""What a worker knows of layers before it has seen a frame."""

from __future__ import annotations

from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet, Padding, Raw

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.plans.layers.common import common_frames
from scapy_server.packet.plans.layers.layer_book import LayerBook


def test_common_layers_have_plans_from_the_start(codec: PacketCodec) -> None:
    book = LayerBook(codec.registry)
    book.learn_from(Ether, common_frames())
    for cls in (Ether, Dot1Q, IP, TCP, UDP, Raw, Padding):
        assert book.plans_of(cls), cls
    assert len(book.plans_of(TCP)) > 3  # with and without options
    assert not book.plans_of(MPLS)


def test_frames_are_the_same_on_every_host() -> None:
    for frame in common_frames():
        packet: Packet = Ether(frame)
        assert packet.src == "02:00:00:00:00:01"
        assert IP not in packet or packet[IP].src == "10.0.0.1"
