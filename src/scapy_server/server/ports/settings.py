"""What the operator asked of the ports service, on the command line or in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from scapy_server import limits
from scapy_server.addresses import mac_bytes
from scapy_server.numbers import bit_rate
from scapy_server.server.ports.places import Places, read_places
from scapy_server.services.ports.kinds.spec import KINDS, LineSpec, impairments_of, spec_of
from scapy_server.services.ports.plane.line import LineError

DEFAULT_PORT, DEFAULT_ASYNC_PORT = 4501, 4500
DEFAULT_SPEED = 10.0  # Gbit/s


@dataclass(frozen=True)
class PortSettings:
    """A port: its line, its speed in Gbit/s, and addresses if they are not to be made up."""

    line: LineSpec
    speed: float
    mac: bytes | None = None
    destination: bytes | None = None


@dataclass(frozen=True)
class PortsSettings:
    """All of it. `mark_base` is the identification of the first flow of statistics.

    `notify` is a descriptor to which a byte is written when clients are answered; `endpoints`
    are the places of programs with which ports may exchange frames.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    async_port: int = DEFAULT_ASYNC_PORT
    ports: tuple[PortSettings, ...] = ()
    cores: int = 1
    seed: int = 1
    clock: Literal["real", "virtual"] = "real"
    directory: Path | None = None
    mark_base: int = 0xFC00
    allow: tuple[str, ...] = ()
    remote_shutdown: bool = True
    log: Path | None = None
    verbose: bool = False
    log_format: str = "text"
    metrics: int | None = None
    metrics_host: str = "127.0.0.1"
    notify: int | None = None
    endpoints: Places = field(default_factory=Places)


class _PortTable(msgspec.Struct, forbid_unknown_fields=True):
    """A table `[[port]]` of the file."""

    kind: str
    interface: str = ""
    file: str = ""
    receive: str = ""
    wire: str = ""
    speed: str = ""
    mac: str = ""
    destination: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The file; what it does not say is as on the command line."""

    host: str | None = None
    port_number: int | None = None
    async_port: int | None = None
    speed: str | None = None
    cores: int | None = None
    seed: int | None = None
    clock: Literal["real", "virtual"] | None = None
    directory: str | None = None
    endpoints: list[str] | None = None
    mark_base: int | None = None
    port: list[_PortTable] = field(default_factory=list)


def read_speed(text: str) -> float:
    """Gbit/s of a text such as 10, 2.5g or 100m; ValueError says what is wrong."""
    bare = text.strip()[-1:].isdigit()
    speed = bit_rate(f"{text}g" if bare else text)
    if not speed:
        raise ValueError(
            f"a speed is a number of Gbit/s, or one such as 100m or 2.5g, not {text!r}"
        )
    return float(speed / 10**9)


def read_ports(words: list[str], speed: float) -> tuple[PortSettings, ...]:
    """The ports that words on the command line name; two that are wired if there are none.

    A word `loop` is one end of a wire: ends are wired in pairs. Raises LineError.
    """
    specs = [spec_of(word) for word in words or ["loop", "loop"]]
    return _checked(tuple(PortSettings(spec, speed) for spec in specs))


def _checked(ports: tuple[PortSettings, ...]) -> tuple[PortSettings, ...]:
    if len(ports) > limits.PORTS:
        raise LineError(f"there may be at most {int(limits.PORTS)} ports")
    for first in range(0, len(ports), 2):
        pair = ports[first : first + 2]
        loops = [port.line.kind == "loop" for port in pair]
        if any(loops) and (len(pair) < 2 or not all(loops)):
            raise LineError(
                f"a loop is two ports: port {first} and port {first + 1} must both be `loop`"
            )
    return ports


def read_file(path: Path, defaults: dict[str, Any], speed: float) -> dict[str, Any]:
    """The settings of a file over those of the command line; raises LineError."""
    try:
        file = msgspec.toml.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise LineError(f"cannot read {path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise LineError(f"{path}: {error}") from None
    found = dict(defaults)
    for name in ("host", "async_port", "cores", "seed", "clock", "mark_base"):
        value = getattr(file, name)
        if value is not None:
            found[name] = value
    if file.port_number is not None:
        found["port"] = file.port_number
    if file.endpoints is not None:
        found["endpoints"] = read_places(file.endpoints)
    if file.directory is not None:
        found["directory"] = path.parent / file.directory
    if file.port:
        own = speed if file.speed is None else _speed(file.speed)
        found["ports"] = _checked(tuple(_port(table, own) for table in file.port))
    return found


def _port(table: _PortTable, speed: float) -> PortSettings:
    if table.kind not in KINDS:
        raise LineError(f"{table.kind!r} is no kind of port; there are {', '.join(KINDS)}")
    spec = LineSpec(table.kind, table.interface, table.file, table.receive, table.wire)
    impairments_of(spec)
    own = _speed(table.speed) if table.speed else speed
    return PortSettings(spec, own, _mac(table.mac), _mac(table.destination))


def _speed(text: str) -> float:
    try:
        return read_speed(text)
    except ValueError as error:
        raise LineError(str(error)) from None


def _mac(text: str) -> bytes | None:
    if not text:
        return None
    octets = mac_bytes(text)
    if octets is None:
        raise LineError(f"a MAC address is six bytes such as 02:00:00:00:00:01, not {text!r}")
    return octets
