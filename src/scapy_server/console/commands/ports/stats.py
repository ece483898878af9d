"""`stats`: what ports count."""

from __future__ import annotations

from scapy_server.console.answers import Answer, Table
from scapy_server.console.command import Command
from scapy_server.console.commands.ports.link import all_ports, port_numbers, ports_client
from scapy_server.console.seat import Seat

_COUNTERS = {
    "sent": "opackets",
    "received": "ipackets",
    "sent bytes": "obytes",
    "received bytes": "ibytes",
    "send errors": "oerrors",
    "receive errors": "ierrors",
}
_RATES = {
    "sent/s": "m_total_tx_pps",
    "received/s": "m_total_rx_pps",
    "sent bit/s": "m_total_tx_bps",
    "received bit/s": "m_total_rx_bps",
}


def stats(seat: Seat, argument: str) -> Answer:
    """Show what ports have sent and received, and how fast they do."""
    client = ports_client(seat)
    rows, values = [], []
    for port in port_numbers(argument.split()) or all_ports(client):
        found = client.call("get_port_stats", port_id=port)
        counted = [str(found[name]) for name in _COUNTERS.values()]
        rates = [f"{found[name]:.0f}" for name in _RATES.values()]
        rows.append((str(port), *counted, *rates))
        values.append({"port": port, **found})
    return Table(("port", *_COUNTERS, *_RATES), rows, values)


COMMAND = Command("stats", stats, "Show what ports have sent and received.", "[PORT ...]")
