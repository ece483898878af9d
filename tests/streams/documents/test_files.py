from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import RefusedError
from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.documents.files import (
    document_of,
    losses,
    parsed,
    read_document,
    written,
)
from scapy_server.streams.documents.requests_file import read_requests
from tests.streams.generated import cases
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


@given(cases(), st.data(), st.sampled_from([".json", ".yaml"]))
def test_any_profile_comes_back_or_the_loss_is_said(
    case: dict[str, Any], data: st.DataObject, ending: str
) -> None:
    names = st.none() | st.sampled_from(["a", "S1", "no", "1", "", 3])
    entries = []
    for item in case["groups"][0]["streams"]:
        raw = item["stream"] | {"next_stream_id": data.draw(st.sampled_from([-1, 1, 2, 3]))}
        name = data.draw(names)
        raw |= {} if name is None else {"name": name, "next": "a"}
        entries.append(Entry(item["stream_id"], raw))
    document = ProfileDocument(tuple(entries))
    again = document_of(parsed(written(document, ending), ending == ".yaml"))
    assert len(again.entries) == len(entries)
    ids = {entry.stream_id for entry in entries}
    for before, after in zip(entries, again.entries, strict=True):
        assert after.stream() == before.stream()
        assert after.raw["next_stream_id"] == before.raw["next_stream_id"]
    same = all(
        a.stream().name == b.stream().name for a, b in zip(entries, again.entries, strict=True)
    )
    whole = all(entry.raw["next_stream_id"] in ids | {-1} for entry in entries)
    given_names = [entry.raw.get("name") for entry in entries]
    distinct = [name for name in given_names if name not in (None, "")]
    assert losses(document, ending) == [] or len(set(distinct)) < len(distinct) or not whole
    assert same or "name" in " ".join(losses(document, ending)) or len(distinct) < len(entries)


def test_names_that_are_shared_and_chains_that_lead_nowhere_are_said() -> None:
    entries = (
        Entry(1, raw_stream(name="a", mode=burst(2), next_stream_id=2)),
        Entry(2, raw_stream(name="a", mode=burst(2), next_stream_id=7)),
    )
    document = ProfileDocument(entries)
    assert losses(document, ".yaml") == [
        "that several streams have the name a; all but one get another",
        "that stream 2 (a) leads to stream 7, which there is not",
    ]
    again = document_of(parsed(written(document, ".yaml"), True))
    assert [entry.raw["name"] for entry in again.entries] == ["a", "S2"]
    assert [entry.raw["next_stream_id"] for entry in again.entries] == [2, 7]


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
