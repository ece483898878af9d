"""A hostile network, on loopback and bounded: nobody else may notice, and memory may not grow.

Whoever is polite asks all the while, on a connection of its own from the same address as the
attackers, and must be answered rightly every time.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import zmq

from scapy_server import Client, limits
from scapy_server.transport.zmtp.frames import header
from scapy_server.workers.reply_file import MAPPED
from tests.running import PATIENCE, server_process
from tests.server.processes import Polite, Small, descriptors, small_server, until
from tests.server.test_service import PING, connected
from tests.transport.test_router import HELLO, message

pytestmark = pytest.mark.attack

MIB = 1024 * 1024
SECONDS = 3.0  # of each attack
_FIRST_ID = 0x6B8B4567  # where a library that never seeds rand() begins to count


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def server() -> Iterator[Small]:
    with small_server(workers=2) as small:
        yield small


@contextmanager
def raw(port: int, said: bytes = HELLO) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(said)
        yield connection


def during(count: int, attack: Callable[[], object]) -> None:
    """Let so many attackers do this again and again for a while."""
    end = time.monotonic() + SECONDS

    def run() -> None:
        while time.monotonic() < end:
            with suppress(OSError, zmq.ZMQError):
                attack()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)


@contextmanager
def unharmed(server: Small, growth: int = 64 * MIB) -> Iterator[Polite]:
    """The front lives on with as much memory and as many descriptors as before."""
    front = server.front
    before, open_before = resident(front), descriptors(front)
    with Polite(server.port) as polite:
        yield polite
    assert server.front == front
    until(lambda: resident(front) < before + growth)
    until(lambda: descriptors(front) <= open_before + 2)
    assert "-32096" not in server.client.server_status().errors


def test_claimed_routing_ids_end_nobody(server: Small) -> None:
    with unharmed(server), ExitStack() as stack:
        for number in range(40):
            claimed = b"\0" + struct.pack(">I", _FIRST_ID + number)
            context = stack.enter_context(zmq.Context())
            squatter = stack.enter_context(context.socket(zmq.DEALER))
            squatter.linger = 0
            squatter.routing_id = claimed
            squatter.connect(f"tcp://127.0.0.1:{server.port}")
            squatter.send(PING)
            assert squatter.poll(round(1000 * PATIENCE))
        for _ in range(50):
            with connected(zmq.DEALER, server.port) as client:
                client.send(PING)
                assert json.loads(client.recv())["result"] == {}


@pytest.mark.parametrize("frames", [limits.MESSAGE_FRAMES, 4000, 300_000])
def test_messages_of_many_frames(server: Small, frames: int) -> None:
    sent = message(*[b"x"] * (frames - 2), b"", PING)

    def attack() -> None:
        with raw(server.port) as connection:
            connection.sendall(sent)
            connection.settimeout(0.2)
            connection.recv(4096)

    with unharmed(server):
        during(4, attack)


def test_offenders_alone_lose_their_connections(server: Small) -> None:
    over = message(*[b"x"] * 4201)

    def attack() -> None:
        with raw(server.port) as connection:
            connection.sendall(over)

    with ExitStack() as stack:
        victims = [stack.enter_context(connected(zmq.DEALER, server.port)) for _ in range(5)]
        lost = [
            stack.enter_context(each.get_monitor_socket(zmq.EVENT_DISCONNECTED)) for each in victims
        ]
        for victim in victims:
            victim.send(PING)
            victim.recv()
        with unharmed(server):
            during(2, attack)
        for victim in victims:
            victim.send(PING)
            assert json.loads(victim.recv())["result"] == {}
        assert not any(each.poll(0) for each in lost)
        for victim in victims:
            victim.disable_monitor()


def test_large_requests_to_the_front_itself(server: Small) -> None:
    large = (
        b'{"jsonrpc":"2.0","id":1,"method":"server_status","params":[' + b"1," * 900_000 + b"1]}"
    )

    def attack() -> None:
        with connected(zmq.DEALER, server.port) as client:
            client.send(large)
            assert b"may be at most 65536 bytes" in client.recv()

    with unharmed(server, growth=256 * MIB):
        during(2, attack)


def test_envelopes_that_are_not_read(server: Small) -> None:
    sent = message(bytes(limits.ENVELOPE_BYTES), b"", PING)

    def attack() -> None:
        with raw(server.port) as connection:
            connection.settimeout(0.5)  # as nothing more is taken of who does not read
            for _ in range(2000):
                connection.sendall(sent)

    with unharmed(server, growth=256 * MIB):
        during(4, attack)


def test_unique_questions_leave_the_memory_where_it_was() -> None:
    with (
        server_process(
            ["-m", "scapy_server", "serve", "--port=0", "--host=127.0.0.1", "--workers=2"]
        ) as running,
        Client(f"127.0.0.1:{running.port}", timeout=PATIENCE) as client,
    ):
        before = 0
        with connected(zmq.DEALER, running.port) as flood:
            pad = "x" * 4050
            for start in range(0, 60_000, 100):
                if start == 6000:  # what the first requests need has been taken
                    before = client.server_status().memory_bytes
                for number in range(start, start + 100):
                    call = {
                        "jsonrpc": "2.0",
                        "id": 1,
                        "method": "supported_methods",
                        "params": [f"{number:08d}{pad}"],
                    }
                    flood.send(json.dumps(call).encode())
                for _ in range(100):
                    flood.recv()
        assert client.server_status().memory_bytes < before + 4 * MIB


def test_a_storm_of_reconnects(server: Small) -> None:
    def attack() -> None:
        with raw(server.port) as connection:
            connection.sendall(message(b"", PING))

    with unharmed(server):
        during(4, attack)
    until(lambda: server.client.server_status().queue.requests == 0)


def test_more_connections_than_one_address_may_have(server: Small) -> None:
    bound = int(limits.CONNECTIONS_OF_AN_ADDRESS)
    with unharmed(server), ExitStack() as crowd:

        def is_refused() -> bool:
            # Those that came too fast were not counted, so that more are needed than the bound.
            for _ in range(100):
                with suppress(OSError):
                    crowd.enter_context(raw(server.port, b""))
            refused = server.client.server_status().refused_connections
            return bool(refused.get("address_connections"))

        until(is_refused)
        assert server.client.server_status().connections <= bound
        with socket.create_connection(
            ("127.0.0.1", server.port), PATIENCE, ("127.0.0.2", 0)
        ) as other:
            other.sendall(HELLO + message(PING))
            received = b""
            while b"result" not in received:
                received += other.recv(4096)


@pytest.mark.parametrize("size", [MIB, 2 * MAPPED])
def test_readers_that_do_not_read(server: Small, size: int) -> None:
    call = b'{"jsonrpc":"2.0","id":1,"method":"big","params":[%d]}' % size

    def attack() -> None:
        with raw(server.port) as connection:
            for _ in range(40):
                connection.sendall(message(b"", call))
            time.sleep(0.5)

    with unharmed(server, growth=64 * MIB + limits.UNREAD_BYTES):
        during(8, attack)
    until(lambda: server.client.server_status().unread_reply_bytes == 0)


def test_large_requests_of_many_at_once(server: Small) -> None:
    """Each is answered, if only as there was no room for it, and nobody is sent away."""
    text = b'{"jsonrpc":"2.0","id":%d,"method":"echo","params":["' + b"x" * (50 * MIB) + b'"]}'
    front, before = server.front, resident(server.front)
    refused = server.client.server_status().refused_connections
    told: Counter[str] = Counter()
    most = before

    def attack() -> None:
        with connected(zmq.DEALER, server.port) as client:
            for number in range(3):
                client.send(text % number)
            ids = set()
            for _ in range(3):
                reply = json.loads(client.recv())
                ids.add(reply["id"])
                told["ok" if "result" in reply else reply["error"]["message"][:33]] += 1
            assert ids == set(range(3))

    with Polite(server.port), ThreadPoolExecutor(8) as attackers:
        attacks = [attackers.submit(attack) for _ in range(8)]
        while not all(each.done() for each in attacks):
            most = max(most, resident(front))
            time.sleep(0.005)
        for each in attacks:
            each.result()
    assert set(told) <= {"ok", "Scapy Server: the server is busy:"}
    assert told.total() == 24
    assert told["ok"] > 0
    assert server.front == front
    assert server.client.server_status().refused_connections == refused
    assert most < before + limits.FRONT_BYTES + 128 * MIB
    until(lambda: resident(front) < before + 64 * MIB)


def test_requests_that_take_all_the_time_there_is(server: Small) -> None:
    def attack() -> None:
        with connected(zmq.DEALER, server.port) as client:
            for _ in range(2):
                client.send(b'{"jsonrpc":"2.0","id":1,"method":"spin"}')
            for _ in range(2):
                client.recv()

    with unharmed(server) as polite:
        before = len(polite.waits)
        during(4, attack)
        assert len(polite.waits) > before, "others were not served meanwhile"


def test_half_a_handshake(server: Small) -> None:
    with unharmed(server), ExitStack() as crowd:
        for said in (b"", b"\xff", HELLO[:20], HELLO[:70]) * 50:
            crowd.enter_context(raw(server.port, said))
        time.sleep(0.5)


def test_memory_of_half_requests_goes_back(server: Small) -> None:
    half = header(120_000, 0) + bytes(100_000)
    front, before = server.front, resident(server.front)
    with unharmed(server):
        with ExitStack() as crowd:
            for _ in range(900):
                crowd.enter_context(raw(server.port, HELLO + half))
            until(lambda: resident(front) > before + 80 * MIB)
        until(lambda: resident(front) < before + 20 * MIB)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
def test_whatever_ends_the_front_it_is_back_at_once(number: int) -> None:
    with small_server(workers=2) as small:
        front = small.front
        address = ("127.0.0.1", small.port)
        os.kill(front, number)
        begin = time.monotonic()
        while True:
            with suppress(OSError), socket.create_connection(address, 1) as connection:
                connection.settimeout(1)
                connection.sendall(HELLO + message(PING))
                received = b""
                while b"result" not in received and (data := connection.recv(4096)):
                    received += data
                if b"result" in received:
                    break
        assert small.client.call("echo", 1) == 1
        assert small.client.server_status().lost_fronts == 1
        assert time.monotonic() - begin < PATIENCE


def test_our_client_asks_again_when_the_front_is_lost() -> None:
    with small_server(workers=2) as small:
        answers: list[Any] = []

        def ask() -> None:
            with Client(f"127.0.0.1:{small.port}", timeout=PATIENCE) as client:
                answers.append(client.call("sleep", 1.0))

        thread = threading.Thread(target=ask)
        thread.start()
        until(lambda: any(each.state == "busy" for each in small.client.server_status().workers))
        os.kill(small.front, signal.SIGKILL)
        thread.join(PATIENCE)
        assert answers == [1.0]


def test_hanging_up_drains(server: Small) -> None:
    with small_server(workers=1) as small, connected(zmq.DEALER, small.port) as client:
        client.send(b'{"jsonrpc":"2.0","id":1,"method":"sleep","params":[0.5]}')
        until(lambda: small.client.server_status().workers[0].state == "busy")
        small.server.process.send_signal(signal.SIGHUP)
        assert json.loads(client.recv())["result"] == 0.5
        assert small.server.finish()[0] == 0


def test_a_log_that_nobody_reads(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    reader = os.open(tmp_path / "log", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with small_server(workers=1, log=str(tmp_path / "log")) as small:
            for number in range(1500):
                assert small.client.call("echo", number) == number
            assert small.client.server_status().dropped_log_lines > 0
    finally:
        os.close(reader)


def test_idle_connections_to_the_metrics(server: Small) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with small_server(workers=1, metrics=port) as small, ExitStack() as crowd:
        for _ in range(100):
            with suppress(OSError):
                crowd.enter_context(socket.create_connection(("127.0.0.1", port), 5))
        front = small.front
        until(lambda: len(list(Path(f"/proc/{front}/task").iterdir())) < 20)
        assert small.client.call("echo", 1) == 1
