from __future__ import annotations

from tests.console.pipe import Pipe


def test_template(pipe: Pipe) -> None:
    pipe.run("template ICMP echo request")
    assert pipe.value("ICMP", "type") == 8
    assert pipe.session.packet.model is not None
    assert pipe.session.document.name == "ICMP echo request"
