"""Captures and packets, in and out of files on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scapy_server.client.calls import Calls
from scapy_server.console.command import Command, Desk, layers_of
from scapy_server.console.commands.packets import built, from_document
from scapy_server.console.session import PacketState
from scapy_server.desk.errors import DeskError
from scapy_server.desk.models import model_of_tree
from scapy_server.desk.typed import from_json
from scapy_server.schema.templates import TemplateFile

#: What `reconstruct_pkt` reads a frame as; others are edited as models.
_ETHERNET = ("Ether", "Dot3")
_MOST_BYTES = 48 * 1024 * 1024


def open_file(desk: Desk, argument: str) -> None:
    """Open a capture, a document of the packet editor, or a packet model."""
    if not argument:
        raise DeskError("open which file?")
    path = Path(argument).expanduser()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DeskError(f"{path} has more than {_MOST_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise DeskError(f"cannot read {path}: {error.strerror or error}") from None
    if content.lstrip()[:1] in (b"{", b"["):
        model = content.lstrip()[:1] == b"["
        desk.take(
            built(desk, from_json(content.decode("utf-8", "replace")))
            if model
            else from_document(desk, content)
        )
        return
    packets = desk.wire.ask(Calls.read_pcap(content))
    states = []
    for position, packet in enumerate(packets):
        layers = layers_of(packet)
        editable = bool(layers) and layers[0]["id"] in _ETHERNET
        model_layers = None if editable else tuple(model_of_tree(layers))
        states.append(PacketState(packet.frame, layers, model_layers, position=position))
    desk.session.open(states)
    desk.show()


def next_packet(desk: Desk, argument: str) -> None:
    """The next packet of the capture."""
    desk.session.move(1)
    desk.show()


def previous_packet(desk: Desk, argument: str) -> None:
    """The previous packet of the capture."""
    desk.session.move(-1)
    desk.show()


def go_to(desk: Desk, argument: str) -> None:
    """A packet of the capture by its number, from 1."""
    if not (argument.isascii() and argument.isdigit() and len(argument) < 9):
        raise DeskError("which packet? Write goto 3")
    desk.session.go_to(int(argument) - 1)
    desk.show()


def save(desk: Desk, argument: str) -> None:
    """Save the packet, or the capture that it is of, in the form that the file's ending names."""
    options, name = _options(argument)
    path = Path(name).expanduser()
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise DeskError(f"save as what? Give FILE one of the endings {', '.join(_FORMS)}")
    packet = desk.session.packet
    whole = form is _capture and packet.position is not None and "--packet" not in options
    content = _whole_capture(desk) if whole else form(desk, packet)
    try:
        with path.open("wb" if "-f" in options else "xb") as file:
            file.write(content)
    except FileExistsError:
        raise DeskError(f"{path} exists; save -f {path} overwrites it") from None
    except OSError as error:
        raise DeskError(f"cannot write {path}: {error.strerror or error}") from None
    desk.out.line(f"{len(content)} bytes saved to {path}")
    if whole:
        count = len(desk.session.capture)
        desk.out.line(f"{count} packets, without the times that they were captured at")


def _options(argument: str) -> tuple[set[str], str]:
    """The options in front of a file's name, and the name."""
    options = set()
    while (word := argument.partition(" ")[0]) in ("-f", "--packet"):
        options.add(word)
        argument = argument.removeprefix(word).lstrip()
    return options, argument


def _whole_capture(desk: Desk) -> bytes:
    for packet in desk.session.capture:
        _check_link(packet)
    return desk.wire.ask(Calls.write_pcap([packet.frame for packet in desk.session.capture]))


def _capture(desk: Desk, packet: PacketState) -> bytes:
    _check_link(packet)
    return desk.wire.ask(Calls.write_pcap([packet.frame]))


def _check_link(packet: PacketState) -> None:
    first = packet.layers[0]["id"] if packet.layers else "nothing"
    if first not in _ETHERNET:
        named = "this packet" if packet.position is None else f"packet {packet.position + 1}"
        raise DeskError(f"a capture holds Ethernet frames, and {named} begins with {first}")


def _model(packet: PacketState) -> list[dict[str, Any]]:
    layers = model_of_tree(packet.layers) if packet.model is None else packet.model
    return [{**layer, "fields": layer.get("fields") or []} for layer in layers]


def _model_text(desk: Desk, packet: PacketState) -> bytes:
    return _text(_model(packet))


def _document(desk: Desk, packet: PacketState) -> bytes:
    """A document of the packet editor."""
    return TemplateFile.of(
        "/".join(str(layer["id"]) for layer in packet.layers),
        _model(packet),
        [dict(instruction) for instruction in packet.program.instructions],
        dict(packet.program.global_parameters),
    ).to_json()


def _expression(desk: Desk, packet: PacketState) -> bytes:
    """Every field written out, so that Scapy's own defaults do not matter."""
    written = desk.wire.ask(Calls.write_expression(packet.frame, packet.layers[0]["id"]))
    imports = "".join(f"{line}\n" for line in written.imports)
    return f"{imports}\npacket = {written.expression}\n".encode()


def _text(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


_FORMS: dict[str, Callable[[Desk, PacketState], bytes]] = {
    ".pcap": _capture,
    ".trp": _document,
    ".json": _model_text,
    ".py": _expression,
}


COMMANDS = (
    Command(
        "open",
        open_file,
        "Open a capture (pcap, pcapng, either in gzip), a .trp document or a .json model.",
        "FILE",
        ("open trace.pcap",),
        files=True,
    ),
    Command("next", next_packet, "Take up the next packet of the capture."),
    Command("prev", previous_packet, "Take up the previous packet of the capture."),
    Command("goto", go_to, "Take up a packet of the capture, the first is 1.", "N", ("goto 3",)),
    Command(
        "save",
        save,
        "Save the packet: as a capture, a document of the packet editor, a packet model, or the "
        "Scapy expression that builds it. Of an opened capture .pcap takes all packets, with "
        "--packet the one at hand. -f overwrites.",
        "[-f] [--packet] FILE.pcap|.trp|.json|.py",
        ("save packet.pcap", "save --packet third.pcap"),
        files=True,
    ),
)
