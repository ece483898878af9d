from __future__ import annotations

from tests.console.pipe import Pipe


def test_templates(pipe: Pipe) -> None:
    assert any(line.startswith("TCP-SYN ") for line in pipe.run("templates").splitlines())
    assert "TCP-SYN" in [each["id"] for each in pipe.json("templates")]
