from __future__ import annotations

from tests.console.pipe import Pipe


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_places_to_the_bit_in_the_layer_and_in_the_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/IP()/TCP(options=[('MSS', 1460)])")
    found = rows(pipe.run("offsets"))
    assert ["IP.frag", "6.3", "20.3", "13", "bits"] in found
    assert ["IP:1.ttl", "8", "42", "1", "byte"] in found
    assert ["TCP.options[0].value", "22", "76", "2", "bytes"] in found  # parts too


def test_as_json_in_bits(pipe: Pipe) -> None:
    pipe.run("build Ether()/GRE()")
    found = {each["field"]: each for each in pipe.json("offsets")}
    assert found["GRE.proto"] == {"field": "GRE.proto", "bit_offset": 128, "bit_length": 16}
    assert found["GRE.key"] == {"field": "GRE.key", "bit_offset": None, "bit_length": None}
