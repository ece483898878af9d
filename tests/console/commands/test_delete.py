from __future__ import annotations

from tests.console.pipe import Pipe


def test_a_layer_with_all_behind_it(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/DNS()", "delete UDP")
    assert [layer["id"] for layer in pipe.session.packet.layers] == ["Ether", "IP"]
    assert "delete which" in pipe.fail("delete")
    assert "no layer 'ARP'" in pipe.fail("delete ARP")
    assert "nothing is left" in pipe.fail("delete Ether")


def test_of_a_dissected_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/Raw('abc')")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}", "delete Raw")
    assert len(pipe.session.packet.frame) == 42
