from __future__ import annotations

from tests.console.pipe import Pipe


def test_the_fields_of_a_layer(pipe: Pipe) -> None:
    lines = {line.split()[0]: line.split() for line in pipe.run("fields IP").splitlines()}
    assert "computed" in lines["chksum"]
    assert "computed" not in lines["ttl"]
    assert [each["id"] for each in pipe.json("fields Ether")] == ["dst", "src", "type"]


def test_a_layer_that_there_is_not(pipe: Pipe) -> None:
    assert 'did you mean "IP"' in pipe.fail("fields IPX")
    assert "the fields of which layer" in pipe.fail("fields")
