"""Scripts for TRex's own client, which `test_service` runs unmodified: one function each.

Run as `python sessions.py NAME REQUESTS EVENTS`, in a process of its own, for the library
brings its own Scapy. What a script asserts is what its users rely on.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lbr_trex_client

sys.path.insert(0, str(Path(lbr_trex_client.__file__).parent / "interactive"))
from trex.stl.api import (
    IP,
    UDP,
    Ether,
    STLClient,
    STLFlowLatencyStats,
    STLFlowStats,
    STLPktBuilder,
    STLScVmRaw,
    STLStream,
    STLTXCont,
    STLTXMultiBurst,
    STLTXSingleBurst,
    STLVmFixIpv4,
    STLVmFlowVar,
    STLVmWrFlowVar,
    TRexError,
)

REQUESTS, EVENTS = int(sys.argv[2]), int(sys.argv[3])
Script = Callable[[Any], None]


def client(user: str = "me") -> Any:
    return STLClient(username=user, server="127.0.0.1", sync_port=REQUESTS, async_port=EVENTS)


def packet(vm: Any = None, size: int = 60) -> Any:
    base = Ether() / IP(src="16.0.0.1", dst="48.0.0.1") / UDP(dport=12, sport=1025)
    return STLPktBuilder(pkt=base / ("x" * (size - len(base))), vm=vm)


def bursts(c: Any) -> None:
    """The first script that everybody writes; every mode, and a chain."""
    c.add_streams(
        [
            STLStream(packet=packet(), mode=STLTXSingleBurst(pps=2000, total_pkts=1000)),
            STLStream(
                packet=packet(),
                mode=STLTXMultiBurst(pps=1000, pkts_per_burst=10, ibg=1000.0, count=5),
            ),
            STLStream(
                name="a",
                packet=packet(),
                mode=STLTXSingleBurst(pps=1000, total_pkts=10),
                next="b",
            ),
            STLStream(
                name="b",
                self_start=False,
                packet=packet(),
                mode=STLTXSingleBurst(pps=1000, total_pkts=7),
            ),
        ],
        ports=[0],
    )
    c.clear_stats()
    c.start(ports=[0])
    c.wait_on_traffic(ports=[0])
    stats = c.get_stats()
    assert stats[0]["opackets"] == stats[1]["ipackets"] == 1067
    assert stats[0]["obytes"] == stats[1]["ibytes"] == 1067 * 64


def duration(c: Any) -> None:
    c.add_streams(STLStream(packet=packet(), mode=STLTXCont(percentage=1)), ports=[0, 1])
    c.start(ports=[0, 1], mult="1kpps", duration=0.5, synchronized=True)
    c.wait_on_traffic(ports=[0, 1])
    stats = c.get_stats()
    for port in (0, 1):
        assert stats[port]["opackets"] in {500, 501}
        assert stats[port]["ipackets"] == stats[1 - port]["opackets"]


def statistics(c: Any) -> None:
    streams = [
        STLStream(
            packet=packet(),
            mode=STLTXSingleBurst(pps=1000, total_pkts=500),
            flow_stats=STLFlowStats(pg_id=7),
        ),
        STLStream(
            packet=packet(size=100),
            mode=STLTXSingleBurst(pps=1000, total_pkts=500),
            flow_stats=STLFlowLatencyStats(pg_id=8),
        ),
    ]
    c.add_streams(streams, ports=[0])
    for _ in range(2):
        c.clear_stats()
        c.start(ports=[0])
        c.wait_on_traffic(ports=[0])
        stats = c.get_stats()
        for group in (7, 8):
            flow = stats["flow_stats"][group]
            assert flow["tx_pkts"]["total"] == flow["rx_pkts"]["total"] == 500, flow
        latency = stats["latency"][8]
        assert not any(latency["err_cntrs"].values()), latency
        assert sum(latency["latency"]["histogram"].values()) == 500


def changes(c: Any) -> None:
    c.add_streams(STLStream(packet=packet(), mode=STLTXCont(pps=500)), ports=[0])
    c.start(ports=[0])
    c.pause(ports=[0])
    until(lambda: stands_still(c))
    before = c.get_stats()[0]["opackets"]
    c.resume(ports=[0])
    c.update(ports=[0], mult="1kpps")
    until(lambda: c.get_stats()[0]["opackets"] > before + 100)
    c.stop(ports=[0])


def stands_still(c: Any) -> bool:
    """Whether the first port sends nothing for a while, in which a stream would have."""
    before = c.get_stats()[0]["opackets"]
    time.sleep(0.3)
    return bool(c.get_stats()[0]["opackets"] == before)


def profiles(c: Any) -> None:
    c.add_streams(STLStream(packet=packet(), mode=STLTXCont(pps=100)), ports=["0.red"])
    blue = STLStream(packet=packet(), mode=STLTXSingleBurst(pps=100, total_pkts=10))
    c.add_streams(blue, ports=["0.blue"])
    c.start(ports=["0.red", "0.blue"])
    until(lambda: c.get_stats()[0]["opackets"] >= 20)
    c.stop(ports=["0.*"])
    assert not c.is_traffic_active(ports=[0])


def program(c: Any) -> None:
    vm = STLScVmRaw(
        [
            STLVmFlowVar("s", min_value="16.0.0.1", max_value="16.0.0.254", size=4, op="inc"),
            STLVmWrFlowVar(fv_name="s", pkt_offset="IP.src"),
            STLVmFixIpv4(offset="IP"),
        ]
    )
    c.set_service_mode(ports=[0, 1])
    capture = c.start_capture(rx_ports=[1], limit=100, bpf_filter="udp and dst port 12")["id"]
    c.add_streams(
        STLStream(packet=packet(vm), mode=STLTXSingleBurst(pps=1000, total_pkts=100)), ports=[0]
    )
    c.start(ports=[0], force=True)
    c.wait_on_traffic(ports=[0])
    kept: list[Any] = []
    c.stop_capture(capture, output=kept)
    sources = [Ether(each["binary"])[IP].src for each in kept]
    assert sources == [f"16.0.0.{1 + number}" for number in range(100)]
    c.set_service_mode(ports=[0, 1], enabled=False)


def services(c: Any) -> None:
    c.set_service_mode(ports=[0, 1])
    for port, own, peer in ((1, "1.1.1.2", "1.1.1.1"), (0, "1.1.1.1", "1.1.1.2")):
        try:
            c.set_l3_mode(port=port, src_ipv4=own, dst_ipv4=peer)
        except TRexError:
            assert port == 1  # its peer has no address yet
    c.resolve(ports=[0, 1])
    for reply in c.ping_ip(src_port=0, dst_ip="1.1.1.2", count=2):
        assert "Reply from 1.1.1.2" in str(reply)
    assert c.get_port_attr(0)["dest"] == "1.1.1.2"
    c.conf_ipv6(port=0, enabled=True, src_ipv6="2001:db8::1")
    c.conf_ipv6(port=1, enabled=True, src_ipv6="2001:db8::2")
    found = c.scan6(ports=[0], timeout=2)
    assert [each["ipv6"] for each in found[0]] == ["2001:db8::2"]
    c.set_service_mode(ports=[0, 1], enabled=False)
    assert c.map_ports(ports=[0, 1])["map"] == {0: 1, 1: 0}


def pushing(c: Any) -> None:
    directory = Path(os.environ["PUSHED"])
    c.push_pcap(str(directory / "twenty.pcap"), ports=[0], ipg_usec=100, count=2)
    c.wait_on_traffic(ports=[0])
    assert c.get_stats()[0]["opackets"] == 40
    c.clear_stats()
    c.push_remote("twenty.pcap", ports=[0], ipg_usec=100, count=3)
    c.wait_on_traffic(ports=[0])
    assert c.get_stats()[0]["opackets"] == 60
    c.set_service_mode(ports=[0, 1])
    c.set_rx_queue(ports=[1], size=20)
    c.push_packets(ports=[0], pkts=[Ether() / IP() / UDP()] * 5)
    until(lambda: c.get_stats()[1]["ipackets"] == 65)
    c.remove_rx_queue(ports=[1])
    c.set_service_mode(ports=[0, 1], enabled=False)


def exchanging(c: Any) -> None:
    """A program of the script's own gets a port's frames, and has some to send."""
    import zmq  # noqa: PLC0415 (the library's own, which it has put on the path)

    program = zmq.Context().socket(zmq.PAIR)
    endpoint = f"ipc://{os.environ['PUSHED']}/program"
    program.bind(endpoint)
    c.set_service_mode(ports=[0, 1])
    c.start_capture_port(port=0, endpoint=endpoint, bpf_filter="udp")
    c.push_packets(ports=[1], pkts=[Ether() / IP() / UDP() / "question"])
    assert bytes(program.recv()).endswith(b"question")
    before = c.get_stats()[1]["ipackets"]
    program.send(bytes(Ether() / IP() / UDP() / "answer"))
    until(lambda: c.get_stats()[1]["ipackets"] == before + 1)
    try:
        c.set_service_mode(ports=[0], enabled=False)
    except TRexError as error:
        assert "port 0 is configured as capture port" in str(error)
    else:
        raise AssertionError("service mode was left")
    c.stop_capture_port(port=0)
    c.set_service_mode(ports=[0, 1], enabled=False)


def exporting(c: Any) -> None:
    """Captures are written while they go on: to a file, and to a program as the console does."""
    import zmq  # noqa: PLC0415 (the library's own, which it has put on the path)

    place = Path(os.environ["PUSHED"])
    from scapy.utils import rdpcap  # noqa: PLC0415 (the same)

    program = zmq.Context().socket(zmq.PAIR)
    program.bind(f"ipc://{place}/reader")
    c.add_streams(
        STLStream(packet=packet(), mode=STLTXSingleBurst(pps=1000, total_pkts=100)), ports=[0]
    )
    recorded = c.start_capture(tx_ports=[0], limit=50, endpoint=f"file:///{place}/sent.pcapng")
    monitored = c.start_capture(
        rx_ports=[1], limit=0, mode="cyclic", endpoint=f"ipc://{place}/reader?pcap", snaplen=42
    )
    c.start(ports=[0])
    c.wait_on_traffic(ports=[0])
    status = c.get_capture_status()
    assert [status[each["id"]]["matched"] for each in (recorded, monitored)] == [100, 100]
    told: list[str] = []

    def tell(endpoint: str) -> None:  # the library takes functions alone
        told.append(endpoint)

    c.stop_capture(recorded["id"], endpoint_cb=tell)
    assert told == [f"file:///{place}/sent.pcapng"]
    assert [len(bytes(each)) for each in rdpcap(f"{place}/sent.pcapng")] == [60] * 50
    c.stop_capture(monitored["id"], output=[])
    (place / "monitored.pcap").write_bytes(b"".join(program.recv() for _ in range(101)))
    monitor = rdpcap(f"{place}/monitored.pcap")
    assert [(len(bytes(each)), each.wirelen) for each in monitor] == [(42, 60)] * 100
    try:
        c.start_capture(rx_ports=[1], endpoint="file:///etc/x.pcap")
    except TRexError as error:
        assert "invalid endpoint" in str(error)
    else:
        raise AssertionError("a file was written")


def takeover(c: Any) -> None:
    c.add_streams(STLStream(packet=packet(), mode=STLTXCont(pps=100)), ports=[0])
    c.start(ports=[0])
    other = client("somebody else")
    other.connect()
    try:
        other.acquire(ports=[0])
    except TRexError as error:
        assert "port is already taken by 'me'" in str(error)
    else:
        raise AssertionError("it was not taken")
    other.reset(ports=[0])
    until(lambda: c.get_acquired_ports() == [1])
    other.disconnect()
    c.acquire(ports=[0], force=True)


def loss(c: Any) -> None:
    """Searches for the highest rate without too much loss, on a wire that loses 1 % of all."""

    def lost(percentage: float) -> float:
        c.reset(ports=[0, 1])
        mode = STLTXSingleBurst(percentage=percentage, total_pkts=2000)
        flow = STLFlowStats(pg_id=5)
        c.add_streams(STLStream(packet=packet(), mode=mode, flow_stats=flow), ports=[0])
        c.clear_stats()
        c.start(ports=[0], force=True)
        c.wait_on_traffic(ports=[0])
        counted = c.get_stats()["flow_stats"][5]
        share: float = 1 - counted["rx_pkts"]["total"] / counted["tx_pkts"]["total"]
        assert 0.003 < share < 0.02, share
        return share

    def highest_rate(allowed: float) -> float:
        low, high = 0.0, 100.0
        while high - low > 2:
            middle = (low + high) / 2
            low, high = (low, middle) if lost(middle) > allowed else (middle, high)
        return low

    # What is lost does not depend on the rate: no rate is low enough, or any is.
    assert highest_rate(0.003) == 0
    assert highest_rate(0.02) > 97


def crowd(c: Any) -> None:
    """200 clients connect, look, and are gone without a word."""
    for number in range(200):
        one = client(f"user{number}")
        one.connect()
        assert one.get_port_count() == 2
        if number % 50 == 0:
            one.acquire(ports=[1], force=True)
    assert len(c.get_all_ports()) == 2
    sys.stdout.flush()
    os._exit(0)


def hltapi(c: Any) -> None:
    """The interface of traffic generators of other makers."""
    c.disconnect()
    from trex.stl.trex_stl_hltapi import CTRexHltApi  # noqa: PLC0415 (for this script alone)

    api = CTRexHltApi()

    def done(result: dict[str, Any]) -> dict[str, Any]:
        assert result["status"] == 1, result
        return result

    done(
        api.connect(
            device="127.0.0.1",
            port_list=[0, 1],
            username="me",
            reset=True,
            break_locks=True,
            trex_rpc_port=REQUESTS,
            trex_pub_port=EVENTS,
        )
    )
    done(
        api.traffic_config(
            mode="create",
            port_handle=0,
            port_handle2=1,
            bidirectional=True,
            transmit_mode="single_burst",
            pkts_per_burst=100,
            rate_pps=1000,
            l3_protocol="ipv4",
            l4_protocol="udp",
            frame_size=64,
            ip_src_mode="increment",
            ip_src_count=10,
            ip_src_addr="10.0.0.1",
            ip_dst_addr="20.0.0.1",
        )
    )
    done(api.traffic_control(action="run", port_handle=[0, 1]))
    until(
        lambda: all(
            api.traffic_stats(mode="aggregate", port_handle=[0, 1])[port]["aggregate"][way][
                "total_pkts"
            ]
            == 100
            for port in (0, 1)
            for way in ("tx", "rx")
        )
    )
    done(api.traffic_control(action="stop", port_handle=[0, 1]))
    done(api.cleanup_session(port_handle="all"))
    c.connect()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited for 60 seconds"
        time.sleep(0.02)


SCRIPTS: tuple[Script, ...] = (
    bursts, duration, statistics, changes, profiles, program, services, pushing, exchanging,
    exporting,
    takeover, loss, hltapi, crowd,
)  # fmt: skip


def main() -> None:
    c = client()
    c.connect()
    c.reset(ports=[0, 1])
    {script.__name__: script for script in SCRIPTS}[sys.argv[1]](c)
    assert not c.get_warnings() or sys.argv[1] in {"takeover"}, c.get_warnings()
    c.disconnect()


if __name__ == "__main__":
    main()
