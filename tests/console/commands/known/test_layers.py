from __future__ import annotations

from tests.console.pipe import Pipe


def test_all_of_them_or_those_with_a_word(pipe: Pipe) -> None:
    listed = [line.split()[0] for line in pipe.run("layers").splitlines()]
    assert {"Ether", "IP", "VXLAN"} < set(listed)
    some = [each["id"] for each in pipe.json("layers vxlan")]
    assert "VXLAN" in some
    assert "IP" not in some
    assert "no layer has 'nonsense'" in pipe.fail("layers nonsense")
