"""The command `build`."""

from __future__ import annotations

from scapy_server.cli.packets.options import Force, Format, Fragment, Fuzz, Output, Source
from scapy_server.cli.problems import one_line


def build(  # noqa: PLR0913, PLR0917 (a parameter per option)
    source: Source,
    output: Output = None,
    form: Format = None,
    force: Force = False,
    fragment: Fragment = None,
    fuzz: Fuzz = None,
) -> None:
    """Build a packet and write it, without a server.

    Without `-o` its bytes are printed in hexadecimal. `.pcap` and `.pcapng` are captures,
    `.hex` has the digits of a packet in each line, `.json` is the packet model, `.trp` a
    document of the packet editor, `.py` a Scapy expression. Examples:

        scapy-server build "Ether()/IP(dst='48.0.0.7')/TCP(flags='S')" -o syn.pcap

        scapy-server build TCP-SYN -o syn.trp

        scapy-server build "Ether()/IP()/UDP()/Raw('x' * 3000)" --fragment 1500 -o parts.pcap

        scapy-server build @model.json --format pcap -o - | tshark -r -
    """
    from scapy_server.batch.recipe import Recipe  # noqa: PLC0415 (brings Scapy in)
    from scapy_server.cli.packets.making import Destination, make  # noqa: PLC0415

    with one_line():
        recipe = Recipe(fuzz=fuzz, mtu=fragment)
        make(source, recipe, Destination(output, form and form.value, force))
