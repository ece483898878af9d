from __future__ import annotations

import json

from tests.console.pipe import Pipe


def test_call(pipe: Pipe) -> None:
    assert json.loads(pipe.run("call get_version"))["version"] == "1.02"
    assert json.loads(pipe.run('call supported_methods ["ping"]')) is True
    text = json.loads(pipe.run('call build_pkt "IP()"'))
    assert json.loads(text)[0] == ["Success", 0, "None"]


def test_all_methods(pipe: Pipe) -> None:
    methods = pipe.run("call").splitlines()
    assert ["write_pcap", "packets_base64,", "link_type"] in [m.split() for m in methods]
    listed = {each["method"]: each["parameters"] for each in pipe.json("call")}
    assert listed["write_pcap"] == ["packets_base64", "link_type"]
