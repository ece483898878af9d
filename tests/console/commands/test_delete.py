from __future__ import annotations

from tests.console.pipe import Pipe


def test_a_layer_with_all_behind_it(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/DNS()", "delete UDP")
    assert [layer["id"] for layer in pipe.session.packet.layers] == ["Ether", "IP"]
    assert "delete what" in pipe.fail("delete")
    assert "no layer 'ARP'" in pipe.fail("delete ARP")
    assert "nothing is left" in pipe.fail("delete Ether")


def test_of_a_dissected_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/Raw('abc')")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}", "delete Raw")
    assert len(pipe.session.packet.frame) == 42


def test_what_is_within_a_field(pipe: Pipe) -> None:
    options = "options=[('MSS', 1460), ('NOP', None), ('WScale', 7)]"
    pipe.run(f"build Ether()/IP()/TCP({options})/HTTP()/HTTPRequest(Host='a')")
    frame = pipe.session.packet.frame
    pipe.run(f"hex {frame.hex()}", "delete TCP.options[1]")
    assert pipe.session.packet.frame[54:62] == b"\x02\x04\x05\xb4\x03\x03\x07\0"
    assert len(pipe.session.packet.frame) == len(frame)
    pipe.run("delete HTTPRequest.Host")
    assert pipe.session.packet.frame.endswith(b"HTTP/1.1\r\n\r\n")
    assert "has 2 items; there is no [7]" in pipe.fail("delete TCP.options[7]")
    assert "only an item of a list" in pipe.fail("delete IP.ttl")
    assert "no layer 'ARP'" in pipe.fail("delete ARP.op")


def test_of_a_packet_that_was_built(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/DNS(an=[DNSRR(),DNSRR(ttl=5)])", "delete DNS.an[0]")
    assert pipe.session.packet.frame[48:50] == b"\0\1"  # the count follows
