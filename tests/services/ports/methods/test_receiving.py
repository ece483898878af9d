"""What a port has received, and what it answers."""

from __future__ import annotations

import base64

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.services.ports.methods.receiving import send_frames
from scapy_server.services.ports.wire.impairments import Impairments
from tests.services.ports.rig import Refused, Rig, frame


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.acquire()
    return rig


def push(rig: Rig, *packets: Packet | bytes) -> None:
    pkts = [
        {
            "binary": base64.b64encode(bytes(packet)).decode(),
            "use_port_dst_mac": False,
            "use_port_src_mac": False,
        }
        for packet in packets
    ]
    rig.call("push_pkts", port_id=0, pkts=pkts)
    rig.run_to(rig.now + 0.1)


def test_the_queue_keeps_the_last_frames(rig: Rig) -> None:
    with pytest.raises(Refused, match="only available under service mode"):
        rig.call("set_rx_feature", port_id=1, type="queue", enabled=True, size=3)
    rig.call("service", port_id=1, enabled=True)
    with pytest.raises(Refused, match="queue size cannot be zero"):
        rig.call("set_rx_feature", port_id=1, type="queue", enabled=True, size=0)
    rig.call("set_rx_feature", port_id=1, type="queue", enabled=True, size=3)
    push(rig, *(frame(60 + index) for index in range(5)))
    packets = rig.call("get_rx_queue_pkts", port_id=1)["pkts"]
    assert [each["wirelen"] for each in packets] == [62, 63, 64]
    assert (packets[0]["port"], packets[0]["index"], packets[0]["origin"]) == (-1, 0, "NONE")
    assert rig.call("get_rx_queue_pkts", port_id=1)["pkts"] == []


def test_the_queue_is_bounded(rig: Rig) -> None:
    rig.call("service", port_id=1, enabled=True)
    for size in (limits.RECEIVE_QUEUE_FRAMES, limits.RECEIVE_QUEUE_FRAMES + 1):
        rig.call("set_rx_feature", port_id=1, type="queue", enabled=True, size=size)
        queue = rig.call("get_port_status", port_id=1)["rx_info"]["queue"]
        assert queue["size"] == limits.RECEIVE_QUEUE_FRAMES


def test_a_port_with_an_address_answers(rig: Rig) -> None:
    rig.call("set_l3", port_id=1, src_addr="1.1.1.2", dst_addr="1.1.1.1")
    rig.call("capture", command="start", limit=9, mode="fixed", tx=[], rx=[0])
    push(rig, Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="1.1.1.1", pdst="1.1.1.2"))
    push(rig, Ether(dst="02:00:00:00:00:11") / IP(src="1.1.1.1", dst="1.1.1.2") / ICMP(id=9))
    push(rig, Ether(dst="02:00:00:00:00:11") / IP(src="1.1.1.1", dst="1.1.1.3") / ICMP(id=9))
    answers = [Ether(kept.data) for kept in rig.link.plane._taps[1].fetch(9).frames]
    assert answers[0][ARP].hwsrc == "02:00:00:00:00:11"
    assert answers[1][ICMP].id == 9
    assert len(answers) == 2


def test_other_features_do_nothing(rig: Rig) -> None:
    assert rig.call("set_rx_feature", port_id=0, type="server", enabled=True) == {}
    with pytest.raises(Refused, match="no CAPWAP proxy"):
        rig.call("set_rx_feature", port_id=0, type="capwap_proxy", enabled=True)


def test_frames_are_exchanged_with_nobody_who_is_not_allowed(rig: Rig) -> None:
    with pytest.raises(Refused, match=r"invalid endpoint 'tcp://192\.0\.2\.1:1'"):
        rig.call("start_capture_port", port_id=0, endpoint="tcp://192.0.2.1:1")
    with pytest.raises(Refused, match="BPF filter: 'zz' is not a valid pattern"):
        rig.call("start_capture_port", port_id=0, endpoint="ipc://x", bpf_filter="zz")
    assert rig.call("stop_capture_port", port_id=0) == {}


def test_an_answer_goes_back_when_its_question_has_come() -> None:
    rig = Rig(Impairments(delay=0.001))
    rig.acquire()
    rig.call("set_l3", port_id=1, src_addr="1.1.1.2", dst_addr="1.1.1.1")
    rig.call("capture", command="start", limit=9, mode="fixed", tx=[1], rx=[0, 1])
    push(rig, Ether(dst="02:00:00:00:00:11") / IP(src="1.1.1.1", dst="1.1.1.2") / ICMP(id=9))
    kept = rig.call("capture", command="fetch", capture_id=1, pkt_limit=9)["pkts"]
    assert [(each["port"], each["origin"], each["ts"]) for each in kept] == [
        (1, "RX", 0.001),
        (1, "TX", 0.001),
        (0, "RX", 0.002),
    ]


def test_what_a_program_has_for_a_port_is_sent(rig: Rig) -> None:
    send_frames(rig.control, 0, [frame(), bytes(13), bytes(14)])
    rig.run_to(0.1)
    assert rig.call("get_port_stats", port_id=0)["opackets"] == 2
