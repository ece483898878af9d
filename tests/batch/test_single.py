from __future__ import annotations

import io

import pytest

from scapy_server.batch.answering import Answerer
from scapy_server.batch.recipe import Recipe
from scapy_server.batch.single import applied, document_of
from scapy_server.batch.sources import CaptureSource, read_source
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError
from scapy_server.services.packets.core import Core
from tests.batch.packets import pcapng

UDP = "Ether()/IP(dst='192.0.2.7')/UDP(sport=1025,dport=2000)/Raw('x'*600)"


def document(core: Core, answer: Answerer, text: str, typed: bytes = b"") -> Document:
    found = read_source(text, lambda: io.BytesIO(typed), answer, core.templates)
    return found if isinstance(found, Document) else document_of(found)


def frames(core: Core, answer: Answerer, text: str, recipe: Recipe) -> list[bytes]:
    after, _ = applied(document(core, answer, text), recipe, core, answer)
    return [packet.frame for packet in after.packets()]


def test_a_built_packet_is_built_again(core: Core, answer: Answerer) -> None:
    (before,) = frames(core, answer, UDP, Recipe())
    given = document(core, answer, UDP)
    after, notes = applied(given, Recipe(sets=("IP.ttl=3", "Raw.load=ab")), core, answer)
    assert after.packet.model is not None
    assert after.packet.frame[16:18] == bytes([0, 30])
    assert after.packet.frame[24:26] != before[24:26]
    assert notes == ()


def test_bytes_that_are_set_stay_as_they_are_set(core: Core, answer: Answerer) -> None:
    (before,) = frames(core, answer, UDP, Recipe())
    assert frames(core, answer, UDP, Recipe(sets=("@22=03",))) == [
        before[:22] + b"\x03" + before[23:]
    ]
    (mended,) = frames(core, answer, UDP, Recipe(sets=("@22=03",), recompute=True))
    assert (mended[22], mended[24:26] != before[24:26]) == (3, True)


def test_fragments_are_packets_of_a_capture(core: Core, answer: Answerer) -> None:
    parts = frames(core, answer, UDP, Recipe(mtu=300))
    assert [len(part) for part in parts] == [14 + 20 + 280, 14 + 20 + 280, 14 + 20 + 48]


def test_fuzz_keeps_what_was_given(core: Core, answer: Answerer) -> None:
    one, again, other = (frames(core, answer, UDP, Recipe(fuzz=seed))[0] for seed in (1, 1, 2))
    assert one == again != other
    assert one[30:34] == bytes([192, 0, 2, 7])


def test_a_packet_that_is_not_chosen_stays(core: Core, answer: Answerer) -> None:
    recipe = Recipe(where="TCP", sets=("IP.ttl=3",))
    assert frames(core, answer, UDP, recipe) == frames(core, answer, UDP, Recipe())


def test_a_captured_packet_is_changed_in_its_bytes(core: Core, answer: Answerer) -> None:
    given = document(core, answer, "-", pcapng(core))
    after, _ = applied(given, Recipe(where="number == 6", sets=("IP.ttl=3",)), core, answer)
    changed = [
        number
        for number, (a, b) in enumerate(zip(given.packets(), after.packets(), strict=True), 1)
        if a.frame != b.frame
    ]
    assert changed == [6]
    assert after.packet.record is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [("TCP.dport=1", "no layer 'TCP'"), ("IP.ttl=300", "out of range"), ("@9999=00", "the bytes")],
)
def test_what_a_packet_cannot_be_given(core: Core, answer: Answerer, text: str, said: str) -> None:
    with pytest.raises((RefusedError, DeskError), match=said):
        frames(core, answer, UDP, Recipe(sets=(text,)))


def test_a_capture_is_taken_up_as_far_as_one_is_written(core: Core) -> None:
    data = pcapng(core, 3)
    found = document_of(CaptureSource("x/trace.pcap", lambda: io.BytesIO(data)))
    assert (len(found), found.name, found.is_capture) == (3, "trace.pcap", True)
