"""`scapy-server render`: its options, and nothing slow to load."""

from __future__ import annotations

import typer

from scapy_server.cli.grouped import grouped
from scapy_server.cli.problems import one_line
from scapy_server.cli.streams.choices import Wish
from scapy_server.cli.streams.options import RenderedProfile, Source, StreamOptions


@grouped
def render(
    context: typer.Context,
    source: Source,
    wish: Wish,
    stream: StreamOptions,
    profile: RenderedProfile,
) -> None:
    """Write the packets of a stream or a whole profile into a capture, as TRex would send them.

    Examples:

        scapy-server render TCP-SYN -n 1000 -o syn.pcap

        scapy-server render "Ether()/IP()/UDP()" --program vary.json -n 1000 -o udp.pcap

        scapy-server render profile.py -t size=64 -m 10% -d 5 -o profile.pcap

        scapy-server render stream.json -n 10M --rate 1M -j 2 -o stream.pcapng

        scapy-server render first.pcap --program vary.json -n 1000 -o - | tcpdump -nr -

    Ctrl+C leaves a shorter capture that is whole.
    """
    from scapy_server.cli.streams.rendering import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    with one_line():
        run(source, stream.selection, wish, profile.wish, context.obj)
