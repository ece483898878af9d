from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from scapy_server.errors import RefusedError
from scapy_server.streams.documents.entries import ProfileDocument
from scapy_server.streams.documents.files import losses, read_document, written
from scapy_server.streams.documents.requests_file import read_requests
from tests.streams.recordings import generated, requests_of
from tests.streams.support import burst, counted, raw_stream


def some_document() -> ProfileDocument:
    """The streams of a recorded case with chains, programs and statistics."""
    requests = requests_of(generated()["fuzz_39"])
    return ProfileDocument(read_requests(requests).entries)


@pytest.mark.parametrize("ending", [".json", ".yaml", ".yml"])
def test_every_form_holds_every_stream(ending: str, tmp_path: Path) -> None:
    document, path = some_document(), tmp_path / f"a{ending}"
    path.write_bytes(written(document, ending))
    again = read_document(path)
    for before, after in zip(document.entries, again.entries, strict=True):
        assert after.stream() == before.stream()
        assert {**before.raw, **after.raw} == after.raw


def test_several_ports_are_an_array_of_requests(tmp_path: Path) -> None:
    document, path = read_requests(requests_of(generated()["profiles2_c2"])), tmp_path / "a.json"
    path.write_bytes(written(document, ".json"))
    assert read_document(path) == document
    with pytest.raises(RefusedError, match="several ports or profiles"):
        written(document, ".yaml")


def test_what_is_lost_is_said() -> None:
    document = read_requests(requests_of(generated()["fuzz_39"]))
    assert losses(document, ".json") == []
    assert losses(document, ".yaml") == [
        "the 1 requests that start and change traffic",
        "that its streams are of profile _ of port 1",
    ]
    assert losses(ProfileDocument(document.entries[:0]), ".py") == []


def test_the_clients_own_yaml(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    stream = raw_stream(mode=burst(3), flow_stats=counted(1, vxlan=False, ieee_1588=False))
    path.write_text(yaml.dump([{"id": 5, "name": "x", "stream": stream}], default_flow_style=False))
    (entry,) = read_document(path).entries
    assert (entry.stream_id, entry.raw["name"]) == (5, "x")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "[", "this is not JSON"),
        ("a.yaml", "a: [", "this is not YAML"),
        ("a.yaml", "!!python/object/apply:os.system ['true']", "this is not YAML"),
        ("a.yaml", "[" * 2000, "this is not YAML"),
        ("a.json", json.dumps([{"id": "Ether"}]), "neither a list of streams nor"),
    ],
)
def test_refusals(name: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(RefusedError) as refusal:
        read_document(path)
    assert said in refusal.value.message
    with pytest.raises(RefusedError, match="No such file"):
        read_document(tmp_path / "nowhere.json")
    with pytest.raises(RefusedError, match=r"are written as \.json"):
        written(some_document(), ".txt")
