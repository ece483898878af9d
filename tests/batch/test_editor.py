from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from scapy_server.batch.editor import Editor
from scapy_server.batch.recipe import Recipe
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import write_records
from scapy_server.errors import RefusedError
from scapy_server.services.packets.core import Core
from tests import tshark
from tests.batch.packets import TIME, frame, records


def edited(
    core: Core, recipe: Recipe, given: Sequence[PacketRecord]
) -> tuple[list[PacketRecord], Editor]:
    editor = Editor(recipe, core)
    return [each for record in given for each in editor(record)], editor


def seen_by_tshark(tmp_path: Path, given: Sequence[PacketRecord], *names: str) -> list[list[str]]:
    path = tmp_path / "edited.pcapng"
    path.write_bytes(write_records(given))
    return tshark.columns(path, names)


def test_what_is_not_chosen_stays_the_very_same(core: Core) -> None:
    given = records(core)
    after, editor = edited(core, Recipe(where="number in 5..9", sets=("IP.src=192.0.2.1",)), given)
    assert [a is b for a, b in zip(after, given, strict=True)] == [
        record.number not in (6, 7, 9) for record in given
    ]
    tally = editor.tally
    assert (tally.packets, tally.matched, tally.changed, tally.written) == (12, 5, 3, 12)


@pytest.mark.processes
def test_tshark_sees_the_new_values_and_right_checksums(core: Core, tmp_path: Path) -> None:
    recipe = Recipe(sets=("IP.src=192.0.2.1", "UDP.dport=5000"), recompute=True)
    after, _ = edited(core, recipe, records(core))
    names = ("ip.src", "udp.dstport", "ip.checksum.status", "udp.checksum.status")
    rows = seen_by_tshark(tmp_path, after, *names, "tcp.checksum.status")
    assert rows[0] == ["192.0.2.1", "", "1", "", "1"]
    assert rows[1] == ["", "", "", "", ""]
    assert rows[2] == ["192.0.2.1", "5000", "1", "1", ""]
    assert [record.time_ns for record in after] == [TIME + number for number in range(1, 13)]
    assert after[3].comment == "note 4"


@pytest.mark.processes
def test_without_being_asked_nothing_is_computed(core: Core, tmp_path: Path) -> None:
    after, _ = edited(core, Recipe(sets=("IP.src=192.0.2.1",)), records(core))
    rows = seen_by_tshark(tmp_path, after[2:3], "ip.checksum.status", "udp.checksum.status")
    assert rows == [["0", "0"]]


def test_a_value_that_was_given_is_not_computed(core: Core) -> None:
    after, _ = edited(core, Recipe(sets=("UDP.chksum=0x1234",), recompute=True), records(core)[2:3])
    assert after[0].data[40:42] == b"\x12\x34"


def test_bytes_are_set_at_their_place(core: Core) -> None:
    (given,) = records(core)[2:3]
    ((after,), _) = edited(core, Recipe(sets=("@37=99", "@0=010203")), [given])
    assert after.data == b"\x01\x02\x03" + given.data[3:37] + b"\x99" + given.data[38:]
    with pytest.raises(RefusedError, match="the packet has the bytes 0 to 48"):
        edited(core, Recipe(sets=("@49=00",)), [given])


def test_a_value_that_is_refused_says_where(core: Core) -> None:
    with pytest.raises(RefusedError, match="999 is out of range; ttl takes 0 to 255"):
        edited(core, Recipe(sets=("IP.ttl=999",)), records(core))


def test_parts_are_set_where_they_are(core: Core) -> None:
    options = ("Ether()/IP()/TCP()", "Ether()/IP()/TCP(options=[('NOP', None), ('MSS', 1460)])")
    given = [
        PacketRecord(number, frame(core, expression), 1, 0, 60)
        for number, expression in enumerate((*options, "Ether()/ARP()"), 1)
    ]
    recipe = Recipe(sets=("TCP.options[1].value=1400", "TCP.window=9"))
    after, editor = edited(core, recipe, given)
    assert [a is b for a, b in zip(after, given, strict=True)] == [False, False, True]
    assert after[1].data == given[1].data.replace(b"\x05\xb4", b"\x05\x78").replace(
        b"\x02\x20\x00", b"\x02\x00\x09"
    )
    assert editor.tally.notes() == (
        "1 packet: TCP.options[1].value is not there to be set (options has 0 items; [1] is none "
        "of them)",
    )


@pytest.mark.parametrize("recompute", [False, True])
def test_packets_of_another_size_are_said_to_keep_their_lengths(
    core: Core, recompute: bool
) -> None:
    given = [PacketRecord(1, frame(core, "Ether()/IP()/UDP()/'abc'"), 1, 0, 45)]
    recipe = Recipe(sets=("Raw.load=abcdef",), recompute=recompute)
    ((after,), editor) = edited(core, recipe, given)
    assert after.data[16:18] == (b"\0\x22" if recompute else b"\0\x1f")
    assert editor.tally.notes() == (
        ()
        if recompute
        else (
            "1 packet: of another size now, with lengths and checksums as they were; --recompute "
            "computes them",
        )
    )


def test_only_the_chosen_are_kept_where_that_is_asked(core: Core) -> None:
    after, editor = edited(core, Recipe(bpf="arp", only=True), records(core))
    assert [record.number for record in after] == [2, 5, 8, 11]
    assert editor.tally.written == 4


def test_a_packet_that_was_cut_keeps_what_covers_the_rest(core: Core) -> None:
    (whole,) = records(core)[2:3]
    cut = replace(whole, data=whole.data[:45], problem="only 45 of its 49 bytes were captured")
    recipe = Recipe(sets=("IP.ttl=3",), recompute=True, mtu=68)
    ((after,), editor) = edited(core, recipe, [cut])
    assert after.data == cut.data[:22] + b"\x03" + cut.data[23:]
    assert after.original_length == whole.original_length
    assert editor.tally.notes()[0] == (
        "1 packet: lengths and checksums stay, as not all of it was captured"
    )


@pytest.mark.processes
@pytest.mark.parametrize(
    "expression",
    [
        "Ether()/IP()/UDP(sport=1, dport=2)/Raw('x' * 3000)",
        "Ether()/Dot1Q()/IP(options=[IPOption_RR()])/TCP()/Raw('x' * 2500)",
        "Ether()/PPPoE(sessionid=1)/PPP(proto=0x21)/IP()/UDP(sport=1, dport=2)/Raw('x' * 3000)",
        "Ether()/MPLS(s=1)/IP()/UDP(sport=1, dport=2)/Raw('x' * 3000)",
        "Ether()/IPv6()/UDP(sport=1, dport=2)/Raw('x' * 3000)",
        "Ether()/IPv6()/IPv6ExtHdrHopByHop()/ICMPv6EchoRequest(data='x' * 3000)",
    ],
)
def test_tshark_puts_fragments_together(core: Core, tmp_path: Path, expression: str) -> None:
    data = frame(core, expression)
    given = PacketRecord(5, data, 1, TIME, len(data), comment="cut")
    after, _ = edited(core, Recipe(mtu=1500), [given])
    assert len(after) > 1
    assert {(record.time_ns, record.comment) for record in after} == {(TIME, "cut")}
    path = tmp_path / "parts.pcapng"
    path.write_bytes(write_records(after))
    options = ("-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE")
    name = "ipv6.reassembled.length" if "IPv6" in expression else "ip.reassembled.length"
    whole = [row for row in tshark.columns(path, [name, "_ws.malformed"], *options) if row[0]]
    assert len(whole) == 1
    assert int(whole[0][0]) > 2000
    for packet in tshark.dissect(path):
        upper = ("udp", "tcp", "icmpv6")  # of a first fragment alone nobody can tell
        assert [fault for fault in packet.faults if not fault.startswith(upper)] == []


def test_what_is_no_ip_or_fits_is_not_cut(core: Core) -> None:
    given = records(core)
    after, _ = edited(core, Recipe(mtu=68), given)
    assert all(a is b for a, b in zip(after, given, strict=True))


def test_fuzz_depends_on_the_seed_and_the_number_alone(core: Core) -> None:
    given = records(core)
    one, _ = edited(core, Recipe(fuzz=7), given)
    again, _ = edited(core, Recipe(fuzz=7), given[5:])
    other, _ = edited(core, Recipe(fuzz=8), given)
    assert one[5:] == again
    assert [len(record.data) for record in one] == [len(record.data) for record in given]
    assert sum(a.data != b.data for a, b in zip(one, other, strict=True)) > 9


def test_an_empty_packet_stays(core: Core) -> None:
    empty = PacketRecord(1, b"", 1, 0, 0, problem="it is empty")
    recipe = Recipe(sets=("IP.ttl=1", "@0=00"), fuzz=1, recompute=True, mtu=68)
    ((after,), _) = edited(core, recipe, [empty])
    assert after is empty
