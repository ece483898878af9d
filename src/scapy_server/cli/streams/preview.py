"""`scapy-server preview`: its options, and nothing slow to load."""

from __future__ import annotations

from scapy_server.cli.grouped import grouped
from scapy_server.cli.problems import one_line
from scapy_server.cli.streams.choices import Shown
from scapy_server.cli.streams.options import ShownProfile, Source, StreamOptions


@grouped
def preview(source: Source, shown: Shown, stream: StreamOptions, profile: ShownProfile) -> None:
    """Show the fields that change from packet to packet, or the packets of a profile.

    Examples:

        scapy-server preview stream.json

        scapy-server preview stream.json -n 20 --start 4G --plot stream.svg
    """
    from scapy_server.cli.streams.previewing import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    with one_line():
        run(source, stream.selection, shown, profile.wish)
