"""The process of a data plane: `python -m … CHANNEL MEMORY`, two descriptors that it inherits."""

from __future__ import annotations

import gc
import os
import socket
import sys
import time

from scapy_server.process import kernel
from scapy_server.services.ports.kinds.table import open_lines
from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.plane.plane import Plane, PlaneSettings
from scapy_server.services.ports.process import channel as wire
from scapy_server.services.ports.process import memory
from scapy_server.services.ports.process.drivers import Driver, RealTime, VirtualTime


def main(arguments: list[str]) -> None:
    """Run until the control plane is gone."""
    kernel.die_with_parent(os.getppid())
    kernel.ignore_stop_signals()
    kernel.set_name("scapy-ports")
    peer = socket.socket(fileno=int(arguments[0]))
    channel = wire.Channel(peer, wire.orders)
    try:
        driver = _opened(channel, int(arguments[1]))
        if driver is not None:
            gc.freeze()
            driver.run()
    except wire.ChannelClosed:
        pass


def _opened(channel: wire.Channel, descriptor: int) -> Driver | None:
    opening = _first(channel)
    counters = memory.opened(descriptor, len(opening.numbers))
    os.close(descriptor)
    try:
        lines = open_lines(opening.lines, opening.seed)
    except LineError as error:
        channel.send(wire.Opened(str(error)))
        return None
    settings = PlaneSettings(
        opening.numbers, opening.speeds, opening.cores, opening.base, opening.pair, opening.pairs
    )
    clock = None if opening.virtual else time.monotonic
    plane = Plane(settings, lines, counters, clock)
    channel.send(wire.Opened(macs=[getattr(line, "mac", None) for line in lines]))
    driver = VirtualTime if opening.virtual else RealTime
    return driver(plane, channel, counters)


def _first(channel: wire.Channel) -> wire.Opening:
    while True:
        channel.wait(1.0)
        for message in channel.receive():
            return message  # type: ignore[no-any-return]


if __name__ == "__main__":
    main(sys.argv[1:])
