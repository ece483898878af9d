from __future__ import annotations

import pytest

from scapy_server.client import ClientError
from scapy_server.desk.editing import built, dissected
from scapy_server.desk.many import has_field, set_many
from scapy_server.desk.packet import Packet
from tests.desk.asking import Answerer


@pytest.fixture(scope="module")
def packets(answerer: Answerer) -> list[tuple[int, Packet]]:
    models = (
        [{"id": "Ether"}, {"id": "IP"}],
        [{"id": "Ether"}, {"id": "ARP"}],
        [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 9}]}],
    )
    frames = [answerer.run(built(model)).frame for model in models]
    return list(enumerate(answerer.run(dissected(frame)) for frame in frames))


def test_a_field_of_many_packets(answerer: Answerer, packets: list[tuple[int, Packet]]) -> None:
    edited = answerer.run(set_many(packets, "IP.ttl", 9))
    assert (edited.matched, edited.without) == (2, 1)
    assert list(edited.packets) == [0]  # the other has the value already
    frame = packets[0][1].frame
    assert edited.packets[0].frame == frame[:22] + b"\x09" + frame[23:]


def test_a_value_that_is_refused_changes_none(
    answerer: Answerer, packets: list[tuple[int, Packet]]
) -> None:
    with pytest.raises(ClientError, match="ttl"):
        answerer.run(set_many(packets, "IP.ttl", 999))


def test_what_a_packet_has(packets: list[tuple[int, Packet]]) -> None:
    assert has_field(packets[0][1], "IP.ttl")
    assert not has_field(packets[0][1], "IP.ttll")
    assert not has_field(packets[1][1], "IP.ttl")
