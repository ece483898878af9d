"""What is known is what a worker answers, byte for byte."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from scapy_server.rpc import Dispatcher
from scapy_server.services.packets import known as known_answers
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.known import KnownAnswers
from scapy_server.services.packets.methods.about import VERSION_HANDLER
from scapy_server.services.packets.notes import Constant, params_of
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.running import patient

FRAME = "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"


@pytest.fixture
def worker(core: Core) -> Dispatcher:
    """A worker that has learnt nothing yet."""
    return dispatcher_of(Core.over(core.registry), patient)


def message(method: str, params: Any = msgspec.UNSET, request_id: Any = 7) -> bytes:
    request = {"jsonrpc": "2.0", "id": request_id, "method": method}
    return msgspec.json.encode(
        request if params is msgspec.UNSET else {**request, "params": params}
    )


def taught(worker: Dispatcher, known: KnownAnswers, sent: bytes) -> bytes:
    reply = worker.handle(sent)
    if reply.note:
        known.learn(reply.note, 0)
    return reply.data


def packet(source: str, ttl: Any = 5) -> list[dict[str, Any]]:
    fields = [{"id": "src", "value": source}, {"id": "ttl", "value": ttl}]
    return [{"id": "Ether"}, {"id": "IP", "fields": fields}, {"id": "UDP"}]


@pytest.mark.parametrize(
    ("method", "forms"),
    [
        (
            "build_pkt",
            [
                [packet("9.9.9.9")],
                [VERSION_HANDLER, packet("9.9.9.8", "0x10")],
                {"pkt_descriptor": packet("9.9.9.7")},
            ],
        ),
        (
            "reconstruct_pkt",
            [
                [FRAME, [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 9}]}]],
                [
                    VERSION_HANDLER,
                    FRAME,
                    [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 8}]}],
                ],
            ],
        ),
    ],
)
def test_packets_of_known_shapes(worker: Dispatcher, method: str, forms: list[Any]) -> None:
    known = KnownAnswers()
    for params in forms:
        assert known.answer(message(method, params), method, 0) is None
    for _ in range(2):
        taught(worker, known, message(method, forms[0]))
    for params in forms:
        for request_id in (1, "x", None, [1.5]):
            sent = message(method, params, request_id)
            reply = known.answer(sent, method, 0)
            assert reply is not None
            assert (reply.text, reply.method, reply.error) == (
                worker.handle(sent).data,
                method,
                None,
            )


@pytest.mark.parametrize(
    "params",
    [
        [packet("9.9.9", 5)],
        [packet("9.9.9.9", 256)],
        ["another handler", packet("9.9.9.9")],
        [packet("9.9.9.9"), 5],
        {"model": packet("9.9.9.9")},
        {"pkt_descriptor": packet("9.9.9.9"), "more": 1},
        [],
        None,
        "Ether()",
        [[]],
        [5],
    ],
)
def test_what_is_not_sure_goes_to_a_worker(worker: Dispatcher, params: Any) -> None:
    known = KnownAnswers()
    for _ in range(2):
        taught(worker, known, message("build_pkt", [packet("1.1.1.1")]))
    assert known.answer(message("build_pkt", [packet("1.1.1.2")]), "build_pkt", 0) is not None
    assert known.answer(message("build_pkt", params), "build_pkt", 0) is None
    damaged = message("build_pkt", [packet("1.1.1.2")]).replace(b'"2.0"', b'"1.0"')
    assert known.answer(damaged, "build_pkt", 0) is None
    assert known.answer(b"{", "build_pkt", 0) is None
    long = message("build_pkt", [packet("1.1.1.2")], "x" * known_answers.LONGEST_REQUEST)
    assert known.answer(long, "build_pkt", 0) is None


@pytest.mark.parametrize("frame", ["", "!", FRAME[:-1], FRAME + "\n", "AAAA"])
def test_frames_that_are_none_go_to_a_worker(worker: Dispatcher, frame: str) -> None:
    known = KnownAnswers()
    for _ in range(2):
        taught(worker, known, message("reconstruct_pkt", [FRAME]))
    assert known.answer(message("reconstruct_pkt", [FRAME, None]), "reconstruct_pkt", 0) is not None
    assert known.answer(message("reconstruct_pkt", [frame]), "reconstruct_pkt", 0) is None


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("get_all", msgspec.UNSET),
        ("get_all", []),
        ("get_tree", [VERSION_HANDLER]),
        ("get_definitions", [None]),
        ("get_definitions", [["Ether", "TCP"]]),
        ("get_payload_classes", [[{"id": "Ether"}]]),
        ("get_templates", []),
        ("get_template", [{"id": "TCP-SYN"}]),
        ("get_version", msgspec.UNSET),
        ("get_version", None),
        ("get_tree", None),
        ("supported_methods", ["all"]),
    ],
)
def test_what_never_changes(worker: Dispatcher, method: str, params: Any) -> None:
    known = KnownAnswers()
    sent = message(method, params)
    assert known.answer(sent, method, 0) is None
    answered = taught(worker, known, sent)
    reply = known.answer(sent, method, 0)
    assert reply is not None
    assert reply.text == answered
    other = message(method, [[{"id": "Nope"}]], "other id")
    assert known.answer(other, method, 0) is None


def test_errors_are_left_to_workers(worker: Dispatcher) -> None:
    known = KnownAnswers()
    sent = message("get_template", [{"id": "no such template"}])
    for _ in range(3):
        taught(worker, known, sent)
    assert known.answer(sent, "get_template", 0) is None


def test_constants_are_bounded_by_all_that_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answers, "CONSTANT_BYTES", 18_000)
    known = KnownAnswers()
    params = [["x" * 4000, number] for number in range(4)]
    for each in params:
        sent = message("get_tree", each)
        note = Constant("get_tree", params_of(sent), b'"' + b"y" * 4050 + b'"')
        known.learn(msgspec.msgpack.encode(note), 0)
    kept = [known.answer(message("get_tree", each), "get_tree", 0) for each in params]
    assert [reply is not None for reply in kept] == [False, False, True, True]


@pytest.mark.parametrize(
    ("asked", "answered", "kept"),
    [(1000, 1, True), (2000, 1, False), (2000, 3000, True), (5000, 9000, False)],
)
def test_long_questions_are_kept_for_longer_answers_alone(
    asked: int, answered: int, kept: bool
) -> None:
    known = KnownAnswers()
    sent = message("get_tree", ["x" * asked])
    result = b'"' + b"y" * answered + b'"'
    known.learn(msgspec.msgpack.encode(Constant("get_tree", params_of(sent), result)), 0)
    assert (known.answer(sent, "get_tree", 0) is not None) == kept


def test_constants_are_bounded_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_answers, "CONSTANTS", 2)
    known = KnownAnswers()
    for number in (0, 1, 1, 2):
        known.learn(msgspec.msgpack.encode(Constant("get_tree", b"[%d]" % number, b"1")), 0)
    kept = [known.answer(message("get_tree", [number]), "get_tree", 0) for number in range(3)]
    assert [reply is not None for reply in kept] == [False, True, True]


@pytest.mark.parametrize("note", [b"", b"noise", msgspec.msgpack.encode({"type": "plan"})])
def test_a_note_that_is_none(note: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        KnownAnswers().learn(note, 0)


def test_what_another_generation_taught_is_not_known() -> None:
    known = KnownAnswers()
    sent = message("get_tree", [])

    def teach(result: bytes, generation: int) -> None:
        known.learn(msgspec.msgpack.encode(Constant("get_tree", b"[]", result)), generation)

    def told(generation: int) -> object:
        reply = known.answer(sent, "get_tree", generation)
        return None if reply is None else msgspec.json.decode(reply.text)["result"]

    teach(b"1", 0)
    assert (told(0), told(1)) == (1, None)
    teach(b"2", 1)
    assert (told(0), told(1)) == (None, 2)
    teach(b"1", 0)  # an answer from before that came late
    assert told(1) == 2
