"""The bytes of packets on their way."""

from __future__ import annotations

import numpy as np
import pytest

from scapy_server.services.ports.frames import stamps
from scapy_server.services.ports.plane.batch import Batch, Canvas, joined
from scapy_server.services.ports.plane.counters import FLOWS
from scapy_server.services.ports.plane.sources import FramesSource, RowsSource, StreamSource
from scapy_server.streams.division import divide
from scapy_server.streams.reading import read_stream
from tests.services.ports.rig import continuous, frame, stream

COUNTER = {
    "type": "flow_var", "name": "x", "size": 1, "op": "inc", "step": 1,
    "init_value": 0, "min_value": 0, "max_value": 9,
}  # fmt: skip


def write(offset: int) -> dict[str, object]:
    return {
        "type": "write_flow_var",
        "name": "x",
        "pkt_offset": offset,
        "add_value": 0,
        "is_big_endian": True,
    }


def source(*instructions: object, **marks: int) -> StreamSource:
    document = stream(continuous(1000), vm={"instructions": list(instructions)})
    made = read_stream(1, document)
    (share,) = divide([made], 1.0, 1e10, (0,))[0]
    return StreamSource(made.template, share, 0, **marks)


def batch(of: StreamSource, numbers: list[int]) -> Batch:
    count = len(numbers)
    return Batch(
        [of],
        np.arange(count, dtype=np.float64) * 0.001,
        np.zeros(count, np.int64),
        np.array(numbers),
    )


def test_packets_come_by_number_in_any_order() -> None:
    varied = source(COUNTER, write(50))
    assert [data[50] for data in batch(varied, [3, 4, 5]).frames()] == [3, 4, 5]
    assert [data[50] for data in batch(varied, [7, 2, 2]).frames()] == [7, 2, 2]
    assert list(batch(source(), [0, 1]).frames()) == [frame(), frame()]


def test_marks_that_vary_must_be_looked_at() -> None:
    assert source(COUNTER, write(50)).template is not None
    assert source(COUNTER, write(19)).template is None


def test_latency_packets_are_numbered_and_stamped() -> None:
    frames = list(batch(source(flow=FLOWS + 3, generation=9), [0, 1, 2]).frames())
    read = [stamps.read(data, 128, 0) for data in frames]
    assert [each.sequence for each in read if each] == [0xFFFFFFFE, 0xFFFFFFFF, 0]
    assert [each.sent for each in read if each] == [0, 1_000_000, 2_000_000]
    assert {(each.flow, each.generation) for each in read if each} == {(3, 9)}


def trimmed(low: int, high: int, step: int, **marks: int) -> StreamSource:
    """The packets of a stream whose lengths go through a range."""
    length = {
        "type": "flow_var", "name": "l", "size": 2, "op": "inc", "step": step,
        "init_value": low, "min_value": low, "max_value": high,
    }  # fmt: skip
    document = stream(
        continuous(1000),
        frame(100),
        vm={"instructions": [length, {"type": "trim_pkt_size", "name": "l"}]},
    )
    made = read_stream(1, document)
    (share,) = divide([made], 1.0, 1e10, (0,))[0]
    return StreamSource(made.template, share, 0, **marks)


def test_no_stamp_stays_where_an_earlier_packet_ended() -> None:
    stamped = trimmed(76, 99, 4, flow=FLOWS, generation=2)
    canvas = Canvas()
    for numbers in ([0, 1, 2], [3, 4, 5]):
        whole = batch(stamped, numbers)
        assert canvas.rows(whole).tolist() == whole.rows.tolist()


def test_lengths_are_those_after_the_cut() -> None:
    cut = batch(trimmed(60, 69, 1), [0, 1, 9])
    assert cut.lengths.tolist() == [60, 61, 69]
    assert [len(data) for data in cut.frames()] == [60, 61, 69]


def test_batches_are_joined_in_order_of_time() -> None:
    one = FramesSource([b"a" * 60]).batch(0.0, [0.2])
    other = FramesSource([b"b" * 61, b"c" * 62]).batch(0.0, [0.1, 0.2])
    whole = joined([one, other])
    assert whole.times.tolist() == [0.1, 0.2, 0.2]
    assert [data[:1] for data in whole.frames()] == [b"b", b"a", b"c"]
    assert whole.lengths.tolist() == [61, 60, 62]


@pytest.mark.parametrize("numbers", [[0, 1, 2, 3], [2, 0]])
def test_given_frames_come_round_again(numbers: list[int]) -> None:
    given = FramesSource([b"a" * 60, b"b" * 70])
    count = len(numbers)
    whole = Batch([given], np.zeros(count), np.zeros(count, np.int64), np.array(numbers))
    assert [len(data) for data in whole.frames()] == [60 if n % 2 == 0 else 70 for n in numbers]


def test_rows_are_frames_as_long_as_is_said() -> None:
    rows = np.frombuffer(b"aaaabbbbcccc", np.uint8).reshape(3, 4)
    given = RowsSource(rows, np.array([4, 2, 3]))
    numbers = np.array([2, 0, 1, 1])
    whole = Batch([given], np.zeros(4), np.zeros(4, np.int64), numbers)
    assert list(whole.frames()) == [b"ccc", b"aaaa", b"bb", b"bb"]
