"""From settings to ports and the data planes behind them."""

from __future__ import annotations

import platform
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from random import Random

import msgspec

from scapy_server.server.ports.settings import PortSettings, PortsSettings
from scapy_server.services.ports.control import Control, Setup
from scapy_server.services.ports.kinds.spec import LineSpec
from scapy_server.services.ports.link import Bridges, Exports
from scapy_server.services.ports.methods.configuring import configure
from scapy_server.services.ports.methods.table import METHODS
from scapy_server.services.ports.process.channel import Opening
from scapy_server.services.ports.process.link import ProcessLink
from scapy_server.services.ports.state.attributes import Attributes, Layers
from scapy_server.services.ports.state.port import Port

_FIRST_MAC = 0x02_00_00_00_00_10
_PAIR = 2


@contextmanager
def control_of(
    settings: PortsSettings, bridges: Bridges, exports: Exports
) -> Iterator[tuple[Control, list[ProcessLink]]]:
    """The control plane with its data planes running; LineError when a line does not open."""
    with ExitStack() as stack:
        links: list[ProcessLink] = []
        clock = clock_of(settings, links)
        pairs = [
            settings.ports[first : first + _PAIR] for first in range(0, len(settings.ports), _PAIR)
        ]
        for index, pair in enumerate(pairs):
            link = ProcessLink(_opening(settings, index, pair, len(pairs)), clock)
            stack.callback(link.close)
            links.append(link)
        ports = _ports(settings, links)
        setup = Setup(
            cores=settings.cores,
            shown_cores=max(2, settings.cores),
            base=settings.mark_base,
            directory=None if settings.directory is None else str(settings.directory),
            remote_shutdown=settings.remote_shutdown,
            started=time.strftime("%Y-%m-%d %H:%M:%S"),
            hostname=socket.gethostname(),
            processor=platform.processor() or platform.machine(),
        )
        control = Control(
            setup, ports, links, METHODS, clock, time.monotonic, Random(), bridges, exports
        )
        for port in ports:
            configure(control, port)
        yield control, links


def clock_of(settings: PortsSettings, links: Sequence[ProcessLink]) -> Callable[[], float]:
    """The server's clock: the wall's, or where the data planes have come to."""
    if settings.clock == "real":
        return time.monotonic
    return lambda: max((float(link.counters.clock[0]) for link in links), default=0.0)


def _opening(
    settings: PortsSettings, index: int, pair: Sequence[PortSettings], pairs: int
) -> Opening:
    return Opening(
        numbers=[_PAIR * index + place for place in range(len(pair))],
        lines=[msgspec.structs.asdict(port.line) for port in pair],
        speeds=[port.speed * 1e9 for port in pair],
        cores=settings.cores,
        base=settings.mark_base,
        pair=index,
        pairs=pairs,
        seed=settings.seed + index,
        virtual=settings.clock == "virtual",
    )


def _ports(settings: PortsSettings, links: Sequence[ProcessLink]) -> list[Port]:
    known = [mac for link in links for mac in link.macs]
    macs = [
        settings.ports[number].mac or own or (_FIRST_MAC + number).to_bytes(6, "big")
        for number, own in enumerate(known)
    ]
    ports = []
    for number, port in enumerate(settings.ports):
        spec = port.line
        destination = port.destination or _other_end(number, spec, macs)
        name = spec.interface or spec.file
        description = f"{spec.kind} {name}".strip() + " (software port)"
        ports.append(
            Port(
                number,
                spec.kind,
                description,
                Layers(macs[number], destination),
                Attributes(port.speed),
            )
        )
    return ports


def _other_end(number: int, spec: LineSpec, macs: Sequence[bytes]) -> bytes | None:
    """Whom a port sends to: its neighbour. None where clients have to find that out first.

    Where nobody is at the other end, there is nobody to be found: it sends to itself.
    """
    peer = number ^ 1
    if peer < len(macs):
        return macs[peer]
    return None if spec.kind == "interface" else macs[number]
