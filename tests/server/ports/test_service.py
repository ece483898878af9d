"""A ports server with real clients: TRex's own, unmodified, and others."""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import zmq

from scapy_server import limits
from scapy_server.captures.writing import write_capture
from scapy_server.client.connection import ClientError
from scapy_server.client.ports import PortsClient
from scapy_server.services.ports.requests import zipped
from tests.running import PATIENCE
from tests.server.ports.running import Running, running
from tests.server.test_metrics import scrape
from tests.services.ports.rig import burst, continuous, counted, frame, stream
from tests.test_haproxy import free_port

pytestmark = pytest.mark.processes

SESSIONS = Path(__file__).with_name("sessions.py")
#: TRex's client runs on these; the scripts are skipped elsewhere.
HAS_CLIENT = sys.version_info[:2] in {(3, 10), (3, 11)}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("captures")
    (path / "twenty.pcap").write_bytes(write_capture([frame(60 + n) for n in range(20)]))
    return path


def places(directory: Path) -> list[str]:
    return ["--endpoint", f"ipc://{directory}", "--endpoint", f"file://{directory}"]


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[Running]:
    with running("--directory", str(directory), *places(directory)) as found:
        yield found


def session(name: str, server: Running, directory: Path) -> None:
    command = [sys.executable, "-W", "ignore", str(SESSIONS), name]
    result = subprocess.run(
        [*command, str(server.requests), str(server.events)],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PUSHED": str(directory)},
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.skipif(not HAS_CLIENT, reason="TRex's client needs Python 3.10 or 3.11")
@pytest.mark.parametrize(
    "name",
    [
        "bursts",
        "duration",
        "statistics",
        "changes",
        "profiles",
        "program",
        "services",
        "pushing",
        "exchanging",
        "exporting",
        "takeover",
        "hltapi",
    ],
)
def test_an_unmodified_client(name: str, server: Running, directory: Path) -> None:
    session(name, server, directory)


@pytest.mark.skipif(not HAS_CLIENT, reason="TRex's client needs Python 3.10 or 3.11")
@pytest.mark.parametrize("name", ["bursts", "duration", "statistics", "program"])
def test_an_unmodified_client_under_a_virtual_clock(name: str, directory: Path) -> None:
    with running("--clock", "virtual") as server:
        session(name, server, directory)


@pytest.mark.skipif(not HAS_CLIENT, reason="TRex's client needs Python 3.10 or 3.11")
def test_a_search_finds_what_a_wire_loses(directory: Path) -> None:
    with running("--clock", "virtual", "loop:loss=1%", "loop:loss=1%") as server:
        session("loss", server, directory)


@pytest.mark.skipif(not HAS_CLIENT, reason="TRex's client needs Python 3.10 or 3.11")
def test_a_crowd_of_clients_that_vanish_leaves_the_ports_to_others(directory: Path) -> None:
    with running() as server:
        before = descriptors_of(server)
        session("crowd", server, directory)
        session("bursts", server, directory)
        end = time.monotonic() + PATIENCE
        while descriptors_of(server) > before + 5:
            assert time.monotonic() < end
            time.sleep(0.05)


def descriptors_of(server: Running) -> int:
    return len(list(Path(f"/proc/{server.control}/fd").iterdir()))


def connected(server: Running) -> PortsClient:
    return PortsClient(f"127.0.0.1:{server.requests}", PATIENCE)


def until(client: PortsClient, kind: int) -> list[int]:
    """The numbers of events up to one."""
    seen: list[int] = []
    end = time.monotonic() + PATIENCE
    while kind not in seen:
        assert time.monotonic() < end, seen
        events = client.call("get_async_events", session_id=9)["data"]
        seen += [event["type"] for event in events]
        time.sleep(0.02)
    return seen


def test_a_killed_data_plane_is_an_event_and_is_replaced(server: Running) -> None:
    with connected(server) as client:
        client.call("get_async_events", session_id=9)
        client.acquire(0, "me", 9, True)
        client.on_port("remove_all_streams", 0)
        client.on_port("add_stream", 0, stream_id=1, stream=stream(continuous(100)))
        start = {"mul": {"type": "raw", "op": "abs", "value": 1}, "duration": -1, "force": True}
        client.on_port("start_traffic", 0, **start)
        (plane,) = server.planes
        os.kill(plane, signal.SIGKILL)
        assert {7, 17, 14, 4} <= set(until(client, 4))
        end = time.monotonic() + PATIENCE
        while True:  # until another process has taken its place
            try:
                client.on_port("start_traffic", 0, **start)
                break
            except ClientError as error:
                assert "data plane" in error.message
                assert time.monotonic() < end
                time.sleep(0.05)
        client.on_port("stop_traffic", 0)
        client.on_port("remove_all_streams", 0)


def test_a_killed_control_plane_is_replaced_on_the_same_sockets() -> None:
    with running("loop", "loop") as server:
        control, planes = server.control, server.planes
        with connected(server) as client:
            client.acquire(0, "me", 9, True)
        os.kill(control, signal.SIGKILL)
        end = time.monotonic() + PATIENCE
        with connected(server) as client:  # whose connection waits for the next one
            assert client.call("get_owner", port_id=0)["owner"] == "<FREE>"
        assert server.control != control
        assert not set(server.planes) & set(planes)
        for plane in planes:  # nobody sends on who has nobody to tell
            while Path(f"/proc/{plane}").exists():
                assert time.monotonic() < end


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 900_000,
        b'{"a":' * 150_000,
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":' + b"9" * 500_000 + b"}}",
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":1e999}}',
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"x"}',
        b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}',
        b"[" + b"1," * 400_000 + b"1]",
        bytes(60_000_000),
    ],
    ids=lambda text: f"{text[:12]!r} {len(text)}",
)
def test_texts_that_are_meant_to_cost(text: bytes, server: Running) -> None:
    with connected(server) as client:
        for message in (zipped.zipped(text), text[: int(limits.PORTS_REQUEST_BYTES)]):
            assert json.loads(zipped.unzipped(client._connection.exchange(message), 1 << 30))
        assert client.call("ping")["ts"] > 0


def test_many_clients_that_vanish_leave_nothing(server: Running) -> None:
    before = descriptors_of(server)
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", server.requests)) as gone:
            gone.sendall(b"\xff" + bytes(8) + b"\x7f")
    with connected(server) as client:
        assert client.call("get_owner", port_id=0)
    end = time.monotonic() + PATIENCE
    while descriptors_of(server) > before + 5:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_noise_on_both_sockets_disturbs_nobody(server: Running) -> None:
    noise = random.Random(5)
    for port in (server.requests, server.events):
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", port)) as sender:
                sender.sendall(noise.randbytes(noise.randrange(1, 400)))
    with connected(server) as client:
        for _ in range(200):
            message = noise.randbytes(noise.randrange(60))
            reply = client._connection.exchange(message or b"x")
            assert "error" in json.loads(reply)
        assert client.call("ping")["ts"] > 0


def test_a_request_that_is_too_large_is_refused(server: Running) -> None:
    most = int(limits.PORTS_REQUEST_BYTES)
    with connected(server) as client:
        for message in (b" " * (most + 1), zipped.zipped(b" " * (most + 1))):
            reply = zipped.unzipped(client._connection.exchange(message), most)
            error = json.loads(reply)["error"]
            assert error["code"] == -32603
            assert f"Request is too large ({most + 1} bytes)" in error["message"]
        reply = client._connection.exchange(b" " * most)
        assert json.loads(reply)["error"]["code"] == -32700


def test_a_long_batch_holds_nobody_up(server: Running) -> None:
    with connected(server) as client, connected(server) as other:
        client.acquire(0, "me", 9, True)
        api = client.call("api_sync_v2", name="STL", major=5, minor=1)["api_h"]
        other_api = other.call("api_sync_v2", name="STL", major=5, minor=1)["api_h"]
        handler = client._handlers[0]
        calls = [
            {
                "jsonrpc": "2.0",
                "id": number,
                "method": "add_stream",
                "params": {
                    "api_h": api,
                    "handler": handler,
                    "port_id": 0,
                    "stream_id": number,
                    "stream": stream(burst(1)),
                },
            }
            for number in range(1, 1501)
        ]
        replies: list[bytes] = []
        message = json.dumps(calls).encode()
        thread = threading.Thread(
            target=lambda: replies.append(client._connection.exchange(message))
        )
        thread.start()
        seen = set()
        while thread.is_alive():
            seen.add(len(other.call("get_stream_list", api_h=other_api, port_id=0)))
        thread.join()
        # Whoever is answered while the batch is half done was not held up until its end.
        assert seen - {0, len(calls)}
        refused = [each["error"] for each in json.loads(replies[0]) if "error" in each]
        assert refused == []
        client.on_port("remove_all_streams", 0)


def test_the_status_of_ports() -> None:
    with running() as server, connected(server) as client:
        client.call("get_async_events", session_id=9)
        client.acquire(0, "me", 9, True)
        client.on_port("add_stream", 0, stream_id=1, stream=stream(burst(50)))
        client.on_port(
            "start_traffic",
            0,
            mul={"type": "raw", "op": "abs", "value": 1},
            duration=-1,
            force=True,
        )
        until(client, 4)
        status = subprocess.run(
            [
                sys.executable, "-m", "scapy_server", "ports-status",
                "--server", f"127.0.0.1:{server.requests}", "--json",
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )  # fmt: skip
        ports = json.loads(status.stdout)
        assert [port["owner"] for port in ports] == ["me", ""]
        assert ports[0]["opackets"] == 50


def test_a_program_exchanges_frames_with_a_port(tmp_path: Path) -> None:
    arp, other = frame()[:12] + b"\x08\x06" + bytes(46), frame()
    context = zmq.Context()
    program = context.socket(zmq.PAIR)
    program.rcvtimeo = int(1000 * PATIENCE)
    endpoint = f"ipc://{tmp_path}/program"
    program.bind(endpoint)
    with running("--endpoint", f"ipc://{tmp_path}") as server, connected(server) as client:
        with pytest.raises(ClientError, match="invalid endpoint 'ipc:///run/program'"):
            client.call("start_capture_port", port_id=0, endpoint="ipc:///run/program")
        opened = {"port_id": 0, "endpoint": endpoint, "bpf_filter": "arp"}
        assert client.call("start_capture_port", **opened) == {}
        with pytest.raises(ClientError, match="Capture port is already active"):
            client.call("start_capture_port", **opened)
        for sent in (other, arp):
            client.call("push_pkts", port_id=1, pkts=[pushed(sent)])
        assert program.recv() == arp
        (plane,) = server.planes
        os.kill(plane, signal.SIGKILL)  # the next one goes on with it
        end = time.monotonic() + PATIENCE
        while not program.poll(20):
            assert time.monotonic() < end
            with suppress(ClientError):
                client.call("push_pkts", port_id=1, pkts=[pushed(arp)])
        program.send(other)
        while client.call("get_port_stats", port_id=0)["opackets"] < 1:
            assert time.monotonic() < end
        told = client.call("get_port_status", port_id=0)["rx_info"]["capture_port"]
        assert told == {
            "is_active": True, "bpf_filter": "arp", "endpoint": endpoint, "socket_open": True,
        }  # fmt: skip
        assert client.call("stop_capture_port", port_id=0) == {}
    context.destroy(0)


def pushed(data: bytes) -> dict[str, object]:
    binary = base64.b64encode(data).decode()
    return {"binary": binary, "use_port_dst_mac": False, "use_port_src_mac": False}


def test_what_is_scraped_while_ports_send_grows_to_what_clients_are_told() -> None:
    metrics = free_port()
    start = {"mul": {"type": "raw", "op": "abs", "value": 1}, "duration": -1, "force": True}
    with running("--metrics", str(metrics)) as server, connected(server) as client:
        client.call("get_async_events", session_id=9)
        client.acquire(0, "me", 9, True)
        counted_stream = stream(continuous(2000), flow_stats=counted(7))
        client.on_port("add_stream", 0, stream_id=1, stream=counted_stream)
        client.on_port("start_traffic", 0, **start)
        seen: list[float] = []
        rate, end = 0.0, time.monotonic() + PATIENCE
        while len(set(seen)) < 5 or not rate:  # however slowly either side runs
            assert time.monotonic() < end, seen
            found = scrape(metrics)
            seen.append(found["scapy_ports_sent_packets_total"]["port=0"])
            rate = found["scapy_ports_tx_pps"]["port=0"]
        client.on_port("stop_traffic", 0)
        until(client, 1)
        found = scrape(metrics)
        stats = [client.call("get_port_stats", port_id=port) for port in (0, 1)]
        flow = client.call("get_pgid_stats", pgids=[7])["flow_stats"]["7"]
    assert seen == sorted(seen)
    for metric, key in (
        ("sent_packets", "opackets"),
        ("sent_bytes", "obytes"),
        ("received_packets", "ipackets"),
        ("received_bytes", "ibytes"),
    ):
        values = found[f"scapy_ports_{metric}_total"]
        assert [values[f"port={port}"] for port in (0, 1)] == [each[key] for each in stats]
    count = stats[0]["opackets"]
    assert count >= seen[-1]
    assert (stats[1]["ipackets"], stats[1]["ibytes"]) == (count, 64 * count)
    for metric, key in (("sent", "tp"), ("received", "rp")):
        values = found[f"scapy_ports_flow_{metric}_packets_total"]
        assert {port: values[f"pg_id=7,port={port}"] for port in (0, 1)} == {
            port: flow[key][str(port)] for port in (0, 1)
        }
    assert (flow["tp"]["0"], flow["rp"]["1"]) == (count, count)


@pytest.mark.parametrize("by_signal", [False, True])
def test_the_end_may_be_asked_for_and_who_asks_is_told_of_it(by_signal: bool) -> None:
    with running() as server, connected(server) as client:
        client.call("get_async_events", session_id=9)
        if by_signal:
            server.process.send_signal(signal.SIGTERM)
        else:
            client.call("shutdown", user="me", force=True)
        assert until(client, 100) == [100]
        server.process.wait(PATIENCE)
        assert server.process.returncode == 0
