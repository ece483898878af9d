from __future__ import annotations

import base64

import msgspec
import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.answering import PacketBuilder

FRAME = base64.b64decode("AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA")


def test_what_is_deleted_may_be_called_anything(registry: Registry) -> None:
    builder = PacketBuilder(PacketCodec(registry))
    changes = [{"id": "Ether"}, {"id": "no such layer", "delete": True}]
    result = msgspec.json.decode(builder.reconstruct(FRAME, changes))
    assert base64.b64decode(result["binary"]) == FRAME[:14]
    with pytest.raises(RefusedError, match="there is no layer 'no such layer'"):
        builder.reconstruct(FRAME, [{"id": "Ether"}, {"id": "no such layer"}])
    with pytest.raises(RefusedError, match="there is no layer 'no such layer'"):
        builder.build(changes)
