"""tshark as an independent reader: what it sees in a capture, as values to compare with.

Where tshark is missing the calling test is skipped, unless SCAPY_SERVER_REQUIRE_TSHARK is
set: then it fails, so that the continuous integration cannot pass without it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

#: Check sums are looked at wherever tshark can, and nothing is put together across packets.
PREFERENCES = (
    "ip.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "sctp.checksum:CRC 32c",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
)

_GOOD_CHECK_SUMS = ("1", "3")  # right, and not given at all
_CHECK_SUM_STATUS = ("checksum.status", "cksum.status", "chksum.status")
_WARNING = 0x600000


@dataclass(frozen=True)
class Field:
    """A field or protocol of PDML: position and size in bytes of the frame, nested fields."""

    name: str
    show: str
    showname: str
    position: int
    size: int
    value: str
    fields: tuple[Field, ...]

    def walk(self) -> Iterator[Field]:
        """The field itself and all fields in it, in order."""
        yield self
        for child in self.fields:
            yield from child.walk()

    def number(self, name: str) -> int:
        """The value of the first field of that name, as a number."""
        return int(self.first(name).show, 0)

    def first(self, name: str) -> Field:
        """The first field of that name; KeyError if there is none."""
        for child in self.walk():
            if child.name == name:
                return child
        raise KeyError(name)


@dataclass(frozen=True)
class Packet:
    """A packet as tshark shows it: its protocols from the outermost in, without its own notes.

    `stack` is "eth:ip:udp:dns", the notes on which field chose the next protocol left out.
    """

    stack: str
    protocols: tuple[Field, ...]

    @property
    def faults(self) -> list[str]:
        """What is malformed, warned of, or has a check sum that is not shown to be right."""
        return [fault for protocol in self.protocols for fault in _faults(protocol)]

    def of(self, name: str) -> list[Field]:
        """The protocols of that name, outermost first."""
        return [protocol for protocol in self.protocols if protocol.name == name]


def dissect(path: Path, *options: str) -> list[Packet]:
    """Every packet of the capture, field by field."""
    root = ElementTree.fromstring(run(path, "-T", "pdml", *options))
    return [_packet([_field(proto) for proto in packet]) for packet in root.iter("packet")]


def columns(path: Path, names: Sequence[str], *options: str) -> list[list[str]]:
    """The named fields of every packet, as text; values of a repeated field joined by commas."""
    asked = [part for name in names for part in ("-e", name)]
    lines = run(path, "-T", "fields", *asked, *options).decode().splitlines()
    return [line.split("\t") for line in lines]


def run(path: Path, *options: str) -> bytes:
    """The output of tshark over a capture file, independent of the user's own settings."""
    preferences = [part for preference in PREFERENCES for part in ("-o", preference)]
    with tempfile.TemporaryDirectory() as configuration:
        return subprocess.run(
            [_executable(), "-n", "-r", str(path), *preferences, *options],
            env={**os.environ, "WIRESHARK_CONFIG_DIR": configuration},
            capture_output=True,
            check=True,
            timeout=600,
        ).stdout


def needed() -> None:
    """Skip the calling test, or fail it, where there is no tshark."""
    _executable()


def _executable() -> str:
    found = shutil.which("tshark")
    if found is None:
        if os.environ.get("SCAPY_SERVER_REQUIRE_TSHARK"):
            pytest.fail("tshark is required (SCAPY_SERVER_REQUIRE_TSHARK), but not installed")
        pytest.skip("tshark is not installed")
    return found


_NOTES = {"geninfo", "frame"}


def _packet(protocols: list[Field]) -> Packet:
    notes = next(protocol for protocol in protocols if protocol.name == "frame")
    stack = notes.first("frame.protocols").show.split(":")
    return Packet(
        ":".join(name for name in stack if name != "ethertype"),
        tuple(protocol for protocol in protocols if protocol.name not in _NOTES),
    )


def _faults(protocol: Field) -> Iterator[str]:
    if protocol.name == "_ws.malformed":
        yield protocol.showname
    for field in protocol.walk():
        if field.name == "_ws.expert" and field.number("_ws.expert.severity") >= _WARNING:
            yield field.first("_ws.expert.message").show
        elif field.name.endswith(_CHECK_SUM_STATUS) and field.show not in _GOOD_CHECK_SUMS:
            yield f"{field.name} is {field.showname or field.show}"


def _field(element: ElementTree.Element) -> Field:
    return Field(
        name=element.get("name", ""),
        show=element.get("show", ""),
        showname=element.get("showname", ""),
        position=int(element.get("pos", "0")),
        size=int(element.get("size", "0")),
        value=element.get("value", ""),
        fields=tuple(_field(child) for child in element),
    )
