"""`stop`: ports that send no more."""

from __future__ import annotations

from scapy_server.console.answers import Answer, Said
from scapy_server.console.command import Command
from scapy_server.console.commands.ports.link import port_numbers, ports_client
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def stop(seat: Seat, argument: str) -> Answer:
    """Have ports send no more, and give them back."""
    client = ports_client(seat)
    ports = port_numbers(argument.split()) or client.acquired
    if not ports:
        raise DeskError("no port was started from here; name one, such as stop 0")
    for port in ports:
        client.on_port("stop_traffic", port)
        client.release(port)
    return Said("\n".join(f"port {port} is free" for port in ports), {"free": list(ports)})


COMMAND = Command("stop", stop, "Have ports send no more, and give them back.", "[PORT ...]")
