"""The door of the package: models and bytes in, results out."""

from __future__ import annotations

from scapy_server.packet.layout import BuiltPacket
from scapy_server.packet.model import Model
from scapy_server.packet.registry import Registry
from scapy_server.packet.result import PacketResult

ETHERNET = 1  # the link type number of pcap files


class PacketCodec:
    """Builds and dissects packets over a fixed set of layers.

    Every method raises RefusedError (or ExpressionSyntaxError), located, and nothing else.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def build(self, model: Model) -> PacketResult:
        """Build a packet from a model and show it as the bytes read."""
        raise NotImplementedError

    def place(self, model: Model) -> BuiltPacket:
        """Build a packet and say where its fields lie, without the field tree."""
        raise NotImplementedError

    def dissect(self, frame: bytes, link_type: int = ETHERNET) -> PacketResult:
        """The field tree of a captured frame."""
        raise NotImplementedError

    def reconstruct(self, frame: bytes, changes: Model) -> PacketResult:
        """Dissect an Ethernet frame, apply the changes depth by depth, build it again."""
        raise NotImplementedError
