from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from scapy_server.console.catalogue import Catalogue
from scapy_server.console.commands import COMMANDS
from scapy_server.console.completion import ConsoleCompleter
from scapy_server.console.output import Output
from scapy_server.console.seat import Seat
from scapy_server.console.session import Session
from scapy_server.console.shell import Shell
from scapy_server.console.wire import Wire


@pytest.fixture(scope="module")
def catalogue(server_port: int) -> Iterator[Catalogue]:
    catalogue = Catalogue(Wire(f"127.0.0.1:{server_port}", 60))
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def session(server_port: int) -> Iterator[Session]:
    """A session with a packet."""
    wire = Wire(f"127.0.0.1:{server_port}", 60)
    seat = Seat(wire, Output(False, io.StringIO()))
    assert Shell(COMMANDS, seat).execute("build Ether()/IP()/IP()/TCP()")
    yield seat.session
    wire.close()


def completed(typed: str, catalogue: Catalogue, session: Session) -> list[str]:
    """The lines that the completions of a line make of it."""
    completer = ConsoleCompleter(COMMANDS, catalogue, session)
    found = completer.get_completions(Document(typed), CompleteEvent())
    return [typed[: len(typed) + choice.start_position] + choice.text for choice in found]


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("temp", ["templates", "template"]),
        ("TEMP", ["templates", "template"]),
        ("verbose o", ["verbose on", "verbose off"]),
        ("verbose  o", ["verbose  on", "verbose  off"]),
        ("nope x", []),
        ("nope", []),
        ("set I", ["set IP.", "set IP:1."]),
        ("set IP.tt", ["set IP.ttl "]),
        ("set IP:1.tt", ["set IP:1.ttl "]),
        ("unset TCP.se", ["unset TCP.seq"]),
        ("delete ", ["delete Ether", "delete IP", "delete IP:1", "delete TCP"]),
        ("set Ether.type ARP", ["set Ether.type ARP"]),
        ("set IP:1.proto tc", ["set IP:1.proto tcp"]),
        ("build Dot1Q", ["build Dot1Q("]),
        ("build Ether()/Dot1Q", ["build Ether()/Dot1Q("]),
        ("build Ether()/IP(tt", ["build Ether()/IP(ttl="]),
        ("build Ether()/IP(tos=1, tt", ["build Ether()/IP(tos=1, ttl="]),
        ("build IP(ttl=", []),
        ("build Ether()/IP", ["build Ether()/IP(", "build Ether()/IPerror("]),
        ("build Nope(x", []),
        ("template TCP", ["template TCP-SYN"]),
        ("template ICMP e", ["template ICMP echo request"]),
        ("call get_v", ["call get_version", "call get_version_handler"]),
        ("call ping {", []),
        ("fe co", ["fe compile"]),
        ("fe e", ["fe explain"]),
        ("show ", ["show json"]),
        ("fe remove ", ["fe remove all"]),
        ("fe add STLVmFl", ["fe add STLVmFlowVar", "fe add STLVmFlowVarRepeatableRandom"]),
        ("fe add STLVmFlowVar name=x mi", ["fe add STLVmFlowVar name=x min_value="]),
        ("append Ra", ["append Raw"]),
    ],
)
def test_completions(typed: str, lines: list[str], catalogue: Catalogue, session: Session) -> None:
    assert completed(typed, catalogue, session)[: len(lines) or None] == lines


def test_without_a_packet_there_are_no_fields(catalogue: Catalogue) -> None:
    assert completed("set I", catalogue, Session()) == []
    assert "append Ether" in completed("append Eth", catalogue, Session())


def test_files(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "trace.pcap").touch()
    for typed in (
        f"open {tmp_path}/tr",
        f"save -f {tmp_path}/tr",
        f"save --packet -f {tmp_path}/tr",
    ):
        assert completed(typed, catalogue, Session()) == [f"{typed}ace.pcap"]


def test_there_are_never_too_many(catalogue: Catalogue, session: Session) -> None:
    assert 0 < len(completed("build D", catalogue, session)) <= 200


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("rest", ["", "x", "x y", "(", ".", ".x ", "IP(", "x.y(", "add x y=", "é"])
def test_nothing_that_is_typed_breaks_it(
    command: object, rest: str, catalogue: Catalogue, session: Session
) -> None:
    name = getattr(command, "name")  # noqa: B009
    for current in (session, Session()):
        for line in completed(f"{name} {rest}", catalogue, current):
            assert line.startswith(name)
