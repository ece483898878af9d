"""Many clients at once: `python bench/load.py PORT CLIENTS SECONDS` prints replies a second.

Each client is a socket with one request under way; one process serves all its sockets
with a poller, so that the clients cost as little as they can.
"""

from __future__ import annotations

import sys
import time

import zmq

from workload import tcp_packet


def main(port: int, clients: int, seconds: float) -> float:
    """Replies a second that `clients` clients get together."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    poller = zmq.Poller()
    sent = 0
    for _ in range(clients):
        socket = context.socket(zmq.DEALER)
        socket.connect(f"tcp://127.0.0.1:{port}")
        socket.send_multipart([b"", tcp_packet(sent)])
        poller.register(socket, zmq.POLLIN)
        sent += 1
    answered = 0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        for socket, _ in poller.poll(1000):
            socket.recv_multipart()
            answered += 1
            socket.send_multipart([b"", tcp_packet(sent)])
            sent += 1
    rate = answered / (time.perf_counter() - started)
    context.destroy(linger=0)
    return rate


if __name__ == "__main__":
    print(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
