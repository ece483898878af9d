"""Captures in parts, and packets as clients hand them back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from scapy_server import limits
from scapy_server.captures.reading import capture_of, read_capture
from scapy_server.captures.writing import write_capture
from scapy_server.limits import Limit
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.answering import Answer, PacketBuilder
from scapy_server.rpc import Dispatcher, bugs
from scapy_server.services.packets.captured import Detail, PageOptions, every_packet, page
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.reread import LastCapture
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.captures.files import LITTLE, classic, erf, whole
from tests.packet.plans.shapes import few_shapes
from tests.services.packets.calling import call, error

FRAME = base64.b64decode("AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA")


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read(dispatcher: Dispatcher, capture: bytes, **options: Any) -> Any:
    return call(dispatcher, "read_pcap", [encoded(capture), options])


def parts(dispatcher: Dispatcher, capture: bytes, detail: str) -> Iterator[Any]:
    """All parts of a capture, one after the other."""
    start: int | None = 1
    while start is not None:
        part = read(dispatcher, capture, start=start, detail=detail)
        yield part
        start = part["next"]


class Breaking(PacketBuilder):
    """Has a bug with one frame."""

    def dissect(self, frame: bytes, link_type: int) -> Answer:
        return self._unless_empty(frame) or super().dissect(frame, link_type)

    def summarise(self, frame: bytes, link_type: int) -> Answer:
        return self._unless_empty(frame) or super().summarise(frame, link_type)

    @staticmethod
    def _unless_empty(frame: bytes) -> None:
        assert any(frame)


@pytest.mark.parametrize("detail", [Detail.TREE, Detail.SUMMARY])
def test_a_packet_that_cannot_be_read_costs_no_other(detail: Detail, registry: Registry) -> None:
    capture = encoded(write_capture([FRAME, bytes(60), FRAME]))
    builder = Breaking(PacketCodec(registry))
    read = page(capture, PageOptions(detail=detail), builder, LastCapture()).result.packets
    first, broken, last = (json.loads(bytes(packet)) for packet in read)
    assert broken["problem"] == "Scapy Server: Unknown Error"
    assert "problem" not in first
    assert last == first | {"number": 3, "time_ns": last["time_ns"]}
    assert "AssertionError" in (bugs.taken() or "")


def test_a_packet_that_cannot_be_read_costs_no_other_of_all(registry: Registry) -> None:
    capture = capture_of(write_capture([FRAME, bytes(60), FRAME]))
    packets = every_packet(capture, Breaking(PacketCodec(registry))).result
    first, broken, last = (json.loads(bytes(packet)) for packet in packets)
    assert broken == {
        "binary": encoded(bytes(60)),
        "data": [],
        "problem": "Scapy Server: Unknown Error",
    }
    assert first == last
    assert "AssertionError" in (bugs.taken() or "")


class TestPages:
    def test_summary(self, dispatcher: Dispatcher) -> None:
        capture = classic(whole(FRAME), stamp=(1_700_000_000, 5))
        assert read(dispatcher, capture, detail="summary") == {
            "packets": [
                {
                    "number": 1,
                    "time_ns": 1_700_000_000_000_005_000,
                    "captured_length": 54,
                    "original_length": 54,
                    "link_type": 1,
                    "info": "16.0.0.1 → 48.0.0.1 TCP 20 → 80 S",
                    "layers": ["Ether", "IP", "TCP"],
                }
            ],
            "next": None,
            "total": 1,
        }

    def test_tree_is_the_default(self, dispatcher: Dispatcher) -> None:
        (packet,) = read(dispatcher, classic(whole(FRAME)))["packets"]
        alone = call(dispatcher, "reconstruct_pkt", [encoded(FRAME)])
        assert packet | alone == packet
        assert packet.keys() - alone.keys() == {
            "number",
            "time_ns",
            "captured_length",
            "original_length",
            "link_type",
        }

    def test_bytes(self, dispatcher: Dispatcher) -> None:
        (packet,) = read(dispatcher, classic(whole(FRAME), link=101), detail="bytes")["packets"]
        assert (packet["binary"], packet["link_type"]) == (encoded(FRAME), 101)
        assert "data" not in packet

    def test_parts_follow_each_other(self, dispatcher: Dispatcher) -> None:
        capture = write_capture([bytes([k + 1]) * 20 for k in range(10)])
        start: int | None = 1
        found = []
        while start is not None:
            page = read(dispatcher, capture, start=start, count=4, detail="bytes")
            assert page["total"] == 10
            found += [packet["number"] for packet in page["packets"]]
            start = page["next"]
        assert found == list(range(1, 11))

    @pytest.mark.parametrize(("start", "numbers"), [(0, [1, 2]), (2, [2]), (3, []), (10**30, [])])
    def test_start(self, start: int, numbers: list[int], dispatcher: Dispatcher) -> None:
        page = read(dispatcher, write_capture([FRAME] * 2), start=start)
        assert [packet["number"] for packet in page["packets"]] == numbers
        assert page["next"] is None

    def test_what_pcapng_says(self, dispatcher: Dispatcher) -> None:
        capture = (
            LITTLE.section()
            + LITTLE.interface(options=LITTLE.options((2, b"eth0")))
            + LITTLE.enhanced(FRAME, options=LITTLE.options((1, "größer".encode())))
            + LITTLE.simple(FRAME)
        )
        first, second = read(dispatcher, capture, detail="bytes")["packets"]
        assert (first["interface"], first["comment"]) == ("eth0", "größer")
        assert second["time_ns"] is None
        assert "comment" not in second

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"start": -1}, "start must be a whole number, 0 or more, not -1"),
            ({"start": "1"}, "start must be"),
            ({"count": 0}, "count must be a whole number, 1 or more, not 0"),
            ({"count": True}, "count must be"),
            ({"count": None}, "count must be"),
            ({"detail": "all"}, "detail must be one of summary, tree or bytes, not 'all'"),
            ({"detail": []}, "detail must be one of"),
            ({"first": 1}, "there is no option 'first'; there are start, count, detail"),
        ],
    )
    def test_refused(self, options: dict[str, Any], said: str, dispatcher: Dispatcher) -> None:
        code, message = error(dispatcher, "read_pcap", [encoded(classic()), options])
        assert (code, said in message) == (-32098, True), message


class TestProblems:
    def test_a_packet_that_was_cut(self, dispatcher: Dispatcher) -> None:
        capture = classic((40, 54, FRAME[:40]), whole(FRAME))
        first, second = read(dispatcher, capture)["packets"]
        assert first["problem"] == "only 40 of its 54 bytes were captured"
        assert (first["captured_length"], first["original_length"]) == (40, 54)
        assert [layer["id"] for layer in first["data"]] == ["Ether", "IP", "Raw"]
        assert "problem" not in second
        bare, _ = call(dispatcher, "read_pcap", [encoded(capture)])
        assert bare == {"data": first["data"], "binary": first["binary"]} | {
            "problem": first["problem"]
        }

    def test_a_packet_shorter_than_its_first_layer(self, dispatcher: Dispatcher) -> None:
        (packet,) = read(dispatcher, classic(whole(b"abc")))["packets"]
        assert packet["problem"] == "a frame of 3 bytes cannot be read as Ether"
        assert [layer["id"] for layer in packet["data"]] == ["Raw"]
        summary = read(dispatcher, classic(whole(b"abc")), detail="summary")["packets"][0]
        assert (summary["layers"], summary["problem"]) == (["Raw"], packet["problem"])

    @pytest.mark.parametrize("detail", ["summary", "tree", "bytes"])
    def test_an_empty_packet(self, detail: str, dispatcher: Dispatcher) -> None:
        (packet,) = read(dispatcher, classic((0, 0, b"")), detail=detail)["packets"]
        assert packet["problem"] == "it is empty"
        assert packet.get("data", []) == packet.get("layers", []) == []

    def test_damage_after_packets(self, dispatcher: Dispatcher) -> None:
        capture = classic(whole(FRAME)) + b"garbage"
        page = read(dispatcher, capture)
        assert (len(page["packets"]), page["total"]) == (1, 1)
        assert page["problem"].startswith("packet 2, at byte 94: the capture ends within")
        assert len(call(dispatcher, "read_pcap", [encoded(capture)])) == 1

    @pytest.mark.parametrize("options", [[], [{}]])
    def test_damage_before_any_packet(self, options: list[Any], dispatcher: Dispatcher) -> None:
        capture = encoded(classic() + b"garbage")
        code, message = error(dispatcher, "read_pcap", [capture, *options])
        assert code == -32098
        assert "packet 1, at byte 24" in message

    def test_erf(self, dispatcher: Dispatcher) -> None:
        (packet,) = read(dispatcher, erf(FRAME))["packets"]
        assert (packet["time_ns"], packet["link_type"]) == (1_700_000_000_500_000_000, 1)


class TestBounds:
    def test_dissected_packets(self, dispatcher: Dispatcher) -> None:
        most = limits.CAPTURE_PACKETS
        fitting, longer = (write_capture([FRAME] * count) for count in (most, most + 1))
        assert len(call(dispatcher, "read_pcap", [encoded(fitting)])) == most
        _, message = error(dispatcher, "read_pcap", [encoded(longer)])
        assert "more than 1000 packets; read it in parts, with the options start" in message
        page = read(dispatcher, write_capture([b"short"] * (most + 1)), count=5000)
        assert (len(page["packets"]), page["next"], page["total"]) == (most, most + 1, most + 1)

    def test_summaries(self, dispatcher: Dispatcher) -> None:
        most = limits.CAPTURE_SUMMARIES
        page = read(dispatcher, write_capture([b"x"] * (most + 1)), count=2 * most, detail="bytes")
        assert (len(page["packets"]), page["next"]) == (most, most + 1)

    def test_shown_fields(self, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch) -> None:
        fields = sum(
            len(layer["fields"])
            for layer in call(dispatcher, "reconstruct_pkt", [encoded(FRAME)])["data"]
        )
        assert fields < limits.CAPTURE_SHOWN_FIELDS / limits.CAPTURE_PACKETS
        capture = write_capture([FRAME] * 5)
        monkeypatch.setattr(limits, "CAPTURE_SHOWN_FIELDS", Limit(3 * fields, "fields", "a part"))
        _, message = error(dispatcher, "read_pcap", [encoded(capture)])
        assert f"more than {3 * fields} fields; read it in parts" in message
        assert len(call(dispatcher, "read_pcap", [encoded(write_capture([FRAME] * 3))])) == 3

    def test_counted(self, dispatcher: Dispatcher) -> None:
        most = limits.CAPTURE_COUNTED
        fitting = read(dispatcher, write_capture([b"x"] * most), count=1, detail="bytes")
        assert fitting["total"] == most
        record = classic(whole(b"x"))[24:]
        longer = write_capture([b"x"] * most) + 3 * record
        page = read(dispatcher, longer, count=1, detail="bytes")
        assert (page["next"], page["total"]) == (2, None)

    @pytest.mark.parametrize("detail", ["tree", "summary"])
    def test_where_a_part_ends_follows_from_the_capture_alone(
        self, detail: str, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not from what a worker has planned or remembered: work is counted as of the long way."""
        assert limits.CAPTURE_WORK < limits.REQUEST_DISSECTED_LAYERS
        monkeypatch.setattr(limits, "CAPTURE_WORK", Limit(100, "fields", "a part"))
        frames = few_shapes(40) + [FRAME[:k] + b"!" for k in range(54, 14, -1)]
        capture = write_capture(frames)
        dispatcher = dispatcher_of(Core.over(registry))
        for frame in frames * 2:
            for warming in ("tree", "summary"):
                read(dispatcher, write_capture([frame]), detail=warming)
        warmed = list(parts(dispatcher, capture, detail))
        assert warmed == list(parts(dispatcher_of(Core.over(registry)), capture, detail))
        assert warmed == list(parts(dispatcher, capture, detail))
        assert 3 < len(warmed) < sum(len(part["packets"]) for part in warmed) == len(frames)

    def test_bytes_are_work_too(
        self, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        capture = write_capture([bytes(64 * 1024)] * 9)
        monkeypatch.setattr(limits, "CAPTURE_WORK", Limit(20, "fields", "a part"))
        assert read(dispatcher, capture, detail="bytes")["next"] == 5

    def test_the_work_of_a_request(
        self, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        capture = write_capture([FRAME[:k] + b"*" for k in range(54, 14, -1)])
        monkeypatch.setattr(limits, "REQUEST_DISSECTED_LAYERS", Limit(40, "layers", "a request"))
        assert read(dispatcher, capture)["next"] is not None
        others = write_capture([FRAME[:k] + b"+" for k in range(54, 14, -1)])
        _, message = error(dispatcher, "read_pcap", [encoded(others)])
        assert "at most 40 layers" in message and "read it in parts" in message

    def test_pieces(self, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch) -> None:
        assert limits.CAPTURE_PIECES >= limits.CAPTURE_BYTES // 60
        monkeypatch.setattr(limits, "CAPTURE_PIECES", Limit(5, "packets and blocks", "a capture"))
        assert read(dispatcher, write_capture([FRAME] * 5))["total"] == 5
        capture = encoded(write_capture([FRAME] * 6))
        code, message = error(dispatcher, "read_pcap", [capture, {}])
        assert (code, "at most 5 packets and blocks" in message) == (-32098, True)


class TestWriting:
    def test_what_was_read_comes_back(self, dispatcher: Dispatcher) -> None:
        capture = (
            LITTLE.section()
            + LITTLE.interface(options=LITTLE.options((2, b"eth0")))
            + LITTLE.interface(101, options=LITTLE.options((9, b"\x09")))
            + LITTLE.enhanced(FRAME, options=LITTLE.options((1, b"note")))
            + LITTLE.enhanced(FRAME[14:], interface=1, stamp=1_700_000_000_123456789)
            + LITTLE.enhanced(FRAME[:30], original=54)
        )
        for detail in ("tree", "bytes"):
            packets = read(dispatcher, capture, detail=detail)["packets"]
            written = base64.b64decode(call(dispatcher, "write_pcap", [packets]))
            assert read(dispatcher, written, detail=detail)["packets"] == packets

    def test_a_pcap_stays_a_pcap(self, dispatcher: Dispatcher) -> None:
        capture = classic(whole(FRAME), (30, 54, FRAME[:30]), link=113)
        packets = read(dispatcher, capture, detail="bytes")["packets"]
        assert base64.b64decode(call(dispatcher, "write_pcap", [packets])) == capture

    def test_after_an_edit(self, dispatcher: Dispatcher) -> None:
        capture = classic((20, 40, FRAME[14:34]), link=101)
        (packet,) = read(dispatcher, capture)["packets"]
        changes = [{"id": "IP", "fields": [{"id": "ttl", "value": 9}]}]
        edited = call(dispatcher, "reconstruct_pkt", [packet["binary"], changes, "RAW"])
        written = call(dispatcher, "write_pcap", [[packet | edited]])
        (record,) = read_capture(base64.b64decode(written))
        assert record.data == FRAME[14:22] + b"\x09" + FRAME[23:34]
        assert (record.link_type, record.original_length) == (101, 40)
        assert record.time_ns == packet["time_ns"]

    def test_a_longer_packet_misses_no_more_than_before(self, dispatcher: Dispatcher) -> None:
        packet = {"binary": encoded(bytes(50)), "captured_length": 20, "original_length": 40}
        (record,) = read_capture(
            base64.b64decode(call(dispatcher, "write_pcap", [[packet, encoded(b"x")]]))
        )[:1]
        assert record.original_length == 70

    def test_the_link_type_of_all_that_do_not_say(self, dispatcher: Dispatcher) -> None:
        packets = [encoded(b"E"), {"binary": encoded(b"x"), "link_type": "NULL"}]
        written = base64.b64decode(call(dispatcher, "write_pcap", [packets, "RAW"]))
        assert [record.link_type for record in read_capture(written)] == [101, 0]

    @pytest.mark.parametrize(
        ("packet", "said"),
        [
            ({}, "binary must be the packet in base64"),
            ({"binary": 5}, "binary must be the packet in base64"),
            ({"binary": "!"}, "binary must be base64"),
            ({"binary": "AAAA", "time_ns": "now"}, "time_ns must be a whole number, not 'now'"),
            ({"binary": "AAAA", "time_ns": 1.5}, "time_ns must be a whole number"),
            ({"binary": "AAAA", "time_ns": 10**40}, "time_ns must be a whole number"),
            ({"binary": "AAAA", "time_ns": -1}, "not one that a capture can hold"),
            ({"binary": "AAAA", "original_length": -1}, "original_length must be from 0"),
            ({"binary": "AAAA", "original_length": 1 << 32}, "original_length must be from 0"),
            ({"binary": "AAAA", "original_length": True}, "original_length must be a whole"),
            (
                {"binary": "AAAA", "original_length": 9, "captured_length": []},
                "captured_length must",
            ),
            ({"binary": "AAAA", "comment": 5}, "comment must be text, not a number"),
            ({"binary": "AAAA", "interface": {}}, "interface must be text, not an object"),
            ({"binary": "AAAA", "link_type": "token"}, "a link type is a number"),
            ("", "it is empty"),
        ],
    )
    def test_refused(self, packet: Any, said: str, dispatcher: Dispatcher) -> None:
        code, message = error(dispatcher, "write_pcap", [["AAAA", packet]])
        assert (code, said in message) == (-32098, True), message

    def test_the_link_type_parameter(self, dispatcher: Dispatcher) -> None:
        code, message = error(dispatcher, "write_pcap", [[], "no such"])
        assert (code, "a link type is a number from 0" in message) == (-32098, True)


class TestLinkTypes:
    def test_build(self, dispatcher: Dispatcher) -> None:
        model = [{"id": "CookedLinux"}, {"id": "IP"}]
        result = call(dispatcher, "build_pkt", [model, 113])
        assert [layer["real_id"] for layer in result["data"]] == ["CookedLinux", "IP"]
        assert [layer["valid_structure"] for layer in result["data"]] == [True, True]
        other = call(dispatcher, "build_pkt", [[{"id": "IP"}], "ETHERNET"])
        assert [layer["real_id"] for layer in other["data"]] == ["Ether"]
        assert not other["data"][0]["valid_structure"]

    def test_reconstruct(self, dispatcher: Dispatcher) -> None:
        for link_type, layers in ((101, ["IP", "TCP"]), ("IPV4", ["IP", "TCP"]), (147, ["Raw"])):
            result = call(dispatcher, "reconstruct_pkt", [encoded(FRAME[14:]), [], link_type])
            assert [layer["id"] for layer in result["data"]] == layers
            assert result["binary"] == encoded(FRAME[14:])
