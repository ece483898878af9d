"""What `test_veth` runs inside its namespace: ports on both ends of a veth pair, or on one."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether

from scapy_server.client.ports import PortsClient
from scapy_server.services.ports.kinds.interface import open_interface
from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.plane.commands import Configure
from scapy_server.services.ports.plane.counters import Counter
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.services.ports.process.channel import Opening
from scapy_server.services.ports.process.link import ProcessLink
from tests.running import PATIENCE
from tests.server.ports.running import running
from tests.services.ports.rig import Rig, burst, counted, frame, stream

COUNT = 20_000
ONCE = {"type": "raw", "op": "abs", "value": 1.0}
PROGRAM: list[dict[str, Any]] = [
    {
        "type": "flow_var", "name": "x", "size": 4, "op": "inc", "step": 1,
        "init_value": 1, "min_value": 1, "max_value": 1000,
    },
    {
        "type": "write_flow_var", "name": "x", "pkt_offset": 26, "add_value": 0,
        "is_big_endian": True,
    },
    {"type": "fix_checksum_ipv4", "pkt_offset": 14},
]  # fmt: skip


def kernel(interface: str, counter: str) -> int:
    return int(Path("/sys/class/net", interface, "statistics", counter).read_text())


def drained(rig: Rig, until: int, port: int = 1) -> int:
    """Receive until so many packets have come, or are known to have found no room."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        rig.run_to(rig.now + 1e-3)
        stats = rig.call("get_port_stats", port_id=port)
        if stats["ipackets"] + stats["ierrors"] >= until:
            break
    return int(stats["ipackets"])


def counters() -> None:
    rig = Rig(lines=[open_interface("left"), open_interface("right")])
    rig.acquire()
    rig.add(1, stream(burst(COUNT, 1e6), flow_stats=counted(7)))
    sent, received = kernel("left", "tx_packets"), kernel("right", "rx_packets")
    octets = kernel("left", "tx_bytes")
    rig.start()
    for step in range(1, 41):
        rig.run_to(step * 0.0005)
    rig.run_to(0.05)
    assert drained(rig, COUNT) == COUNT
    assert rig.call("get_port_stats", port_id=0)["opackets"] == COUNT
    assert kernel("left", "tx_packets") - sent == COUNT
    assert kernel("left", "tx_bytes") - octets == 60 * COUNT
    assert kernel("right", "rx_packets") - received == COUNT
    flow = rig.call("get_pgid_stats", pgids=[7])["flow_stats"]["7"]
    assert (flow["tp"]["0"], flow["rp"]["1"]) == (COUNT, COUNT)


def varied() -> None:
    """What a program has varied arrives with good checksums, VLAN tags and all lengths."""
    program = [PROGRAM[0], PROGRAM[1] | {"pkt_offset": 30}, PROGRAM[2] | {"pkt_offset": 18}]
    tagged = frame()[:12] + bytes.fromhex("8100000a") + frame()[12:]
    rig = Rig(lines=[open_interface("left"), open_interface("right")])
    rig.acquire()
    rig.add(1, stream(burst(500), tagged, vm={"instructions": program}))
    rig.add(2, stream(burst(1), frame(1514)))
    rig.add(3, stream(burst(1), frame(1600)))
    rig.call("capture", command="start", limit=1000, mode="fixed", tx=[], rx=[1])
    rig.start()
    rig.run_to(1.0)
    assert drained(rig, 501) == 501
    assert rig.call("get_port_stats", port_id=0)["oerrors"] == 1  # longer than the MTU
    kept = rig.link.plane._taps[1].fetch(1000).frames
    assert sorted({each.length for each in kept}) == [64, 1514]
    sources = set()
    for each in kept:
        packet = Ether(each.data)
        if each.length == 64:
            assert packet.vlan == 10
            checksum = packet[IP].chksum
            del packet[IP].chksum
            assert Ether(bytes(packet))[IP].chksum == checksum
            sources.add(packet[IP].src)
        assert packet[UDP].sport == 1025
    assert len(sources) == 500


def watched() -> None:
    """tshark on the wire sees what a server was told to send, at its rate, with good checksums."""
    count, rate = 2000, 1000.0
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=10)
    fields = ["frame.time_epoch", "ip.checksum.status", "ip.src"]
    words = [word for name in fields for word in ("-e", name)]
    sent, received = kernel("left", "tx_packets"), kernel("right", "rx_packets")
    with (
        subprocess.Popen(
            ["tshark", "-l", "-i", "right", "-f", "udp", "-c", str(count), "-T", "fields", *words,
             "-o", "ip.check_checksum:TRUE"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as tshark,
        running("interface:left", "interface:right") as server,
        PortsClient(f"127.0.0.1:{server.requests}", 60.0) as client,
    ):  # fmt: skip
        assert tshark.stdout is not None
        assert tshark.stderr is not None
        while "Capturing on" not in tshark.stderr.readline():
            pass
        client.call("set_global_cfg", sched_max_stretch=60.0)  # whatever else the machine does
        client.acquire(0, "me", 1, True)
        varied_stream = stream(burst(count, rate), vm={"instructions": PROGRAM})
        client.on_port("add_stream", 0, stream_id=1, stream=varied_stream)
        client.on_port("start_traffic", 0, mul=ONCE, duration=-1, force=True)
        seen = [line.split("\t") for line in tshark.stdout.read().splitlines()]
        while client.call("get_port_stats", port_id=1)["ipackets"] < count:
            time.sleep(0.01)
        stats = [client.call("get_port_stats", port_id=port) for port in (0, 1)]
    assert {status for _, status, _ in seen} == {"1"}  # good
    assert len({source for *_, source in seen}) == 1000
    times = [float(time) for time, *_ in seen]
    assert 0.5 * rate < (count - 1) / (times[-1] - times[0]) < 1.5 * rate
    assert stats[0]["opackets"] == kernel("left", "tx_packets") - sent == count
    assert stats[1]["ipackets"] == kernel("right", "rx_packets") - received == count


def large() -> None:
    """Frames of all sizes arrive as they were sent, also those the kernel copies in part."""
    for end in ("left", "right"):
        subprocess.run(["ip", "link", "set", end, "mtu", "9000"], check=True, timeout=10)
    sending, receiving = open_interface("left"), open_interface("right")
    sizes = [14, 15, 60, 1514, 2047, 2048, 2049, 4096, 9014]
    frames = [bytes(12) + b"\x88\xb5" + (bytes(range(256)) * 36)[: size - 14] for size in sizes]
    assert sending.send(FramesSource([*frames, bytes(9015)]).batch(0.0)) == 1
    assert list(receiving.receive(0.0).frames()) == frames
    tagged = bytes(12) + b"\x81\x00" + bytes(9018 - 14)
    assert sending.send(FramesSource([tagged, tagged + b"x"]).batch(0.0)) == 1
    assert [len(each) for each in receiving.receive(0.0).frames()] == [9018]


def kernel_answers() -> None:
    """A real kernel and a port find and ping each other."""
    subprocess.run(["ip", "addr", "add", "10.9.0.2/24", "dev", "right"], check=True)
    rig = Rig(lines=[open_interface("left"), Null()])
    rig.acquire()
    rig.call("set_l3", port_id=0, src_addr="10.9.0.1", dst_addr="10.9.0.2")
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as echo:
        echo.setblocking(False)
        for number in range(3):
            echo.sendto(bytes(ICMP(id=7, seq=number) / b"question"), ("10.9.0.1", 0))
            assert bytes(IP(answer(rig, echo))[ICMP]) == bytes(
                ICMP(type=0, id=7, seq=number) / b"question"
            )
    assert rig.call("get_port_stats", port_id=0)["opackets"] == 4  # and that to the ARP request


def answer(rig: Rig, echo: socket.socket) -> bytes:
    """What the kernel hands over, while the port has its time."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        rig.run_to(rig.now + 1e-3)
        with contextlib.suppress(BlockingIOError):
            return echo.recv(2048)
        time.sleep(0.001)
    raise AssertionError("no answer")


def links() -> None:
    """A cable that is pulled is an event, and the state of the port; plugged in again, too."""
    rig = Rig(lines=[open_interface("left"), Null()])
    rig.acquire()
    for state, up in (("down", False), ("up", True)):
        rig.kinds()
        subprocess.run(["ip", "link", "set", "right", state], check=True, timeout=10)
        end = time.monotonic() + 10
        while 8 not in rig.kinds():
            assert time.monotonic() < end
            rig.run_to(rig.now + 0.5)
        status = rig.call("get_port_status", port_id=0)
        assert status["attr"]["link"]["up"] == up


def drops() -> None:
    """What the ring has no room for is counted, all of it."""
    rig = Rig(lines=[open_interface("left"), Null()])
    rig.acquire()
    sending = open_interface("right")
    count = 30_000
    frames = FramesSource([frame(60)] * 1000)
    for _ in range(count // 1000):
        assert sending.send(frames.batch(0.0)) == 0
    received = drained(rig, count, 0)
    stats = rig.call("get_port_stats", port_id=0)
    assert stats["ierrors"] > 0
    assert received + stats["ierrors"] == count
    stopped = threading.Event()

    def flood() -> None:
        while not stopped.is_set():
            sending.send(frames.batch(0.0))

    flooding = threading.Thread(target=flood)
    flooding.start()
    receiving = open_interface("left")
    while not len(taken := receiving.receive(0.0)):
        pass
    stopped.set()
    flooding.join()
    assert len(taken) < 10_000  # however much goes on arriving


def announced() -> None:
    """A port tells a real kernel its address again and again, so that it is known again."""
    subprocess.run(["ip", "addr", "add", "10.9.0.2/24", "dev", "right"], check=True, timeout=10)
    setting = "net.ipv4.conf.right.arp_accept=1"  # neighbours that were not asked for
    subprocess.run(["sysctl", "-qw", setting], check=True, timeout=10)
    kinds = [{"kind": "interface", "interface": "left"}, {"kind": "null"}]
    link = ProcessLink(Opening([0, 1], kinds, [1e9, 1e9], 1, 0xFC00, 0, 1, 1, False), lambda: 0.0)
    mac = bytes.fromhex("020000000001")
    try:
        sent = kernel("left", "tx_packets")
        link.ask(Configure(0, mac, ipv4="10.9.0.1", announced=0.01))
        for _ in range(3):
            wait_until(lambda: neighbour("10.9.0.1") == "02:00:00:00:00:01")
            subprocess.run(["ip", "neigh", "flush", "dev", "right"], check=True, timeout=10)
        wait_until(lambda: kernel("left", "tx_packets") - sent > 3)
        assert link.counters.ports[0, Counter.SENT] == 0  # as of the engine's own announcements
    finally:
        link.close()


def neighbour(address: str) -> str:
    """The MAC address that the kernel knows for an address; empty without one."""
    command = ["ip", "-json", "neigh", "show", address, "dev", "right"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=10).stdout)
    return str(found[0].get("lladdr", "")) if found else ""


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE / 2
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def full() -> None:
    """An interface that has no room is waited for while it takes some, and no longer."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    tap_without_header = 0x1002
    fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"full", tap_without_header))
    subprocess.run(["ip", "link", "set", "full", "up"], check=True, timeout=10)
    line = open_interface("full")
    count = 3000
    frames = FramesSource([frame(60)] * count).batch(0.0)
    failed = line.send(frames)
    assert 0 < failed < count
    assert taken_from(device) == count - failed
    stopped = threading.Event()
    taken: list[int] = []

    def take() -> None:
        while not stopped.is_set():
            taken.append(taken_from(device))

    reader = threading.Thread(target=take)
    reader.start()
    failed = line.send(frames)
    stopped.set()
    reader.join()
    assert sum(taken) + taken_from(device) == count - failed
    assert failed < count - 1000  # more than it has room for


def taken_from(device: int) -> int:
    """How many frames of ours there are to be read."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            count += os.read(device, 2048) == frame(60)
    return count


if __name__ == "__main__":
    {
        "counters": counters, "varied": varied, "watched": watched, "large": large,
        "kernel": kernel_answers, "links": links, "drops": drops,
        "full": full, "announced": announced,
    }[sys.argv[1]]()  # fmt: skip
