"""`ports`: what there is to send from."""

from __future__ import annotations

from scapy_server.console.answers import Answer, Table
from scapy_server.console.command import Command
from scapy_server.console.commands.ports.link import connected, ports_client
from scapy_server.console.seat import Seat


def list_ports(seat: Seat, argument: str) -> Answer:
    """Look at the ports, of another server if one is named."""
    if argument:
        other = connected(argument)
        if seat.ports is not None:
            seat.ports.close()
        seat.ports = other
    client = ports_client(seat)
    rows, values = [], []
    for port in client.call("get_system_info")["ports"]:
        status = client.call("get_port_status", port_id=port["index"])
        link = "up" if status["attr"]["link"]["up"] else "down"
        speed = f"{status['attr']['speed']:g}G"
        owner, state = status["owner"] or "-", status["state"]
        about = port["description"]
        rows.append((str(port["index"]), owner, state, speed, link, port["hw_mac"], about))
        values.append({"port": port["index"], **port, **status})
    return Table(("port", "owner", "state", "speed", "link", "address", "kind"), rows, values)


COMMAND = Command(
    "ports",
    list_ports,
    "List the ports of a ports server: localhost:4501, the one that SCAPY_SERVER_PORTS names, "
    "or from here on the one that is named.",
    "[HOST:PORT]",
    ("ports", "ports lab:4501"),
)
