from __future__ import annotations

from scapy_server.console.catalogue import Catalogue
from scapy_server.console.wire import Wire


def test_what_the_server_knows(server_port: int) -> None:
    catalogue = Catalogue(Wire(f"127.0.0.1:{server_port}", 60))
    assert catalogue.protocols["Ether"].name == "Ethernet II"
    assert [field.id for field in catalogue.fields("Ether")] == ["dst", "src", "type"]
    assert catalogue.fields("Nope") == []
    assert "TCP" in catalogue.payloads("IP")
    assert catalogue.payloads("Nope") == []
    assert "TCP-SYN" in catalogue.templates()
    assert catalogue.methods()["ping"] == (0, [])
    catalogue.close()


def test_a_server_that_is_away_is_asked_once_in_a_while() -> None:
    now = [0.0]
    catalogue = Catalogue(Wire("127.0.0.1:4", 0.05), clock=lambda: now[0])
    assert catalogue.templates() == []
    assert catalogue._quiet_until > 0
    wire, catalogue._wire = catalogue._wire, None  # type: ignore[assignment]
    assert (catalogue.protocols, catalogue.methods(), catalogue.instructions()) == ({}, {}, {})
    assert (catalogue.payloads("IP"), catalogue.fields("IP")) == ([], [])
    now[0] = 60.0
    catalogue._wire = wire
    assert catalogue.templates() == []
    catalogue.close()


def test_what_a_server_knows_is_asked_for_anew_after_a_while(server_port: int) -> None:
    now = [0.0]
    catalogue = Catalogue(Wire(f"127.0.0.1:{server_port}", 60), clock=lambda: now[0])
    assert "TCP-SYN" in catalogue.templates()
    asked: list[str] = []
    catalogue._wire.observer = lambda title, message: asked.append(title)
    assert "TCP-SYN" in catalogue.templates()
    assert asked == []
    now[0] = 60.0
    assert "TCP-SYN" in catalogue.templates()
    assert len(asked) == 2
    catalogue.close()


def test_what_was_known_is_completed_while_the_server_is_away(server_port: int) -> None:
    now = [0.0]
    catalogue = Catalogue(Wire(f"127.0.0.1:{server_port}", 60), clock=lambda: now[0])
    known = catalogue.protocols
    catalogue.close()
    catalogue._wire = Wire("127.0.0.1:4", 0.05)
    now[0] = 60.0
    assert catalogue.protocols is known
    assert catalogue.fields("Ether")
    catalogue.close()
