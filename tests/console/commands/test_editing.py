"""Changing the packet at hand."""

from __future__ import annotations

from scapy_server import Client
from tests.console.pipe import Pipe


def test_set_and_unset_build_again(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/IP()/TCP()")
    pipe.run("set IP.ttl 9", "set IP:1.dst 1.2.3.4", "set TCP.options [('MSS', 1460)]")
    assert pipe.session.packet.layers[1]["fields"][7]["value"] == 9
    assert pipe.value("IP", "dst") == "1.2.3.4"
    assert pipe.value("TCP", "dataofs") == 6
    pipe.run("set IP.ttl 0x10")
    assert pipe.session.packet.layers[1]["fields"][7]["value"] == 16
    checksum = pipe.value("IP", "chksum")
    pipe.run("set IP:1.chksum 1")
    assert pipe.value("IP", "chksum") == 1
    pipe.run("unset IP:1.chksum")
    assert pipe.value("IP", "chksum") == checksum
    assert "layer 1 (IP), field ttl: 999 is out of range" in pipe.fail("set IP.ttl 999")
    assert "tttl" in pipe.fail("set IP.tttl 9")
    assert "nope" in pipe.fail("unset IP.nope")
    assert "set what to what" in pipe.fail("set IP.ttl")
    assert "unset what" in pipe.fail("unset")
    assert "which field" in pipe.fail("random")


def test_random_values_stay(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()", "random IP.src", "random IP.id")
    drawn = pipe.value("IP", "src"), pipe.value("IP", "id")
    pipe.run("set IP.ttl 9")
    assert (pipe.value("IP", "src"), pipe.value("IP", "id")) == drawn


def test_append_delete_undo_redo(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "append UDP", "append DNS(qd=DNSQR(qname='a.b'))/Raw('x')")
    pipe.run('append [{"id": "Raw"}]')
    ids = [layer["id"] for layer in pipe.session.packet.layers]
    assert ids == ["Ether", "IP", "UDP", "DNS", "Raw", "Raw"]
    assert pipe.value("UDP", "dport") == 53
    whole = pipe.session.packet
    pipe.run("delete UDP")
    assert [layer["id"] for layer in pipe.session.packet.layers] == ["Ether", "IP"]
    pipe.run("undo")
    assert pipe.session.packet is whole
    pipe.run("redo")
    assert pipe.run("delete Ether") == "no packet\n"
    pipe.run("undo")
    assert pipe.run("undo").startswith(f"{len(whole.frame)} bytes")
    for line, said in (
        ("append", "append what"),
        ("append Nope", "Nope"),
        ('append {"id": 1}', ""),
        ("delete", "delete which"),
        ("delete ARP", "no layer 'ARP'"),
    ):
        assert said in pipe.fail(line)


def test_a_dissected_packet_is_changed_in_place(pipe: Pipe, server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}") as client:
        model = client.read_expression("Ether()/IP()/UDP()/Raw('dummy')")
        frame = client.build_pkt(model).bytes
    pipe.run(f"hex {frame.hex(' ')}")
    assert pipe.session.packet.frame == frame
    assert pipe.session.packet.model is None
    checksum = pipe.value("IP", "chksum")
    pipe.run("set IP.ttl 3")
    assert pipe.value("IP", "chksum") == checksum  # it stays as it was captured
    pipe.run("unset IP.chksum")
    assert pipe.value("IP", "chksum") != checksum
    pipe.run("delete Raw")
    assert len(pipe.session.packet.frame) == 42
    pipe.run("append Raw('abc')")
    assert pipe.session.packet.frame.endswith(b"abc")
    assert pipe.run("delete Ether") == "no packet\n"
