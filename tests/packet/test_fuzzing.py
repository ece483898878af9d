from __future__ import annotations

from typing import Any

import pytest

from scapy_server.catalog.templates import Templates
from scapy_server.errors import RefusedError
from scapy_server.packet.fuzzing import fuzzed_model
from scapy_server.packet.models.model import parse_model
from scapy_server.schema.templates import read_template
from scapy_server.services.packets.core import Core

MODEL: list[dict[str, Any]] = [
    {"id": "Ether"},
    {"id": "IP", "fields": [{"id": "dst", "value": "192.0.2.7"}]},
    {"id": "UDP"},
    {"id": "DNS"},
]


def built(core: Core, model: list[Any]) -> bytes:
    return core.codec.place(parse_model(model, core.registry)).frame


def test_what_nobody_gave_is_random_and_the_rest_is_not(core: Core) -> None:
    fuzzed = fuzzed_model(MODEL, 7, core.codec)
    given = {layer["id"]: [field["id"] for field in layer["fields"]] for layer in fuzzed}
    assert given["Ether"] == ["dst", "src"]  # the type names the next layer
    assert given["IP"][0] == "dst"
    assert given["IP"].count("dst") == 1
    assert {"ttl", "tos", "id"} <= set(given["IP"])
    assert not {"proto", "len", "chksum", "ihl", "options"} & set(given["IP"])
    assert not {"sport", "len"} & set(given["UDP"])  # DNS is told by its port


def test_a_seed_gives_one_packet_and_others_give_others(core: Core) -> None:
    frames = [built(core, fuzzed_model(MODEL, seed, core.codec)) for seed in (1, 1, 2, 3)]
    assert frames[0] == frames[1]
    assert len(set(frames)) == 3


@pytest.mark.sweep
def test_every_template_can_be_fuzzed(core: Core) -> None:
    templates = Templates()
    for entry in templates.entries():
        model = read_template(templates.content(entry.id)).packet
        assert built(core, fuzzed_model(model, 3, core.codec))


def test_no_model_is_refused(core: Core) -> None:
    with pytest.raises(RefusedError):
        fuzzed_model([], 1, core.codec)
