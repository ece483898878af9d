"""What is not about a packet."""

from __future__ import annotations

import json

from tests.console.pipe import Pipe


def test_ping_and_verbose(pipe: Pipe) -> None:
    assert pipe.run("ping") == "-> Pinging RPC server\n[SUCCESS]\n"
    assert pipe.run("verbose on") == "verbose set to on\n"
    assert '"params": null' in pipe.run("ping")
    shown = pipe.run("call get_version []")
    request = json.loads(shown.split("Server:\n")[1].split("[verbose]")[0])
    assert (request["method"], request["params"]) == ("get_version", [])
    assert pipe.run("verbose off") == "verbose set to off\n"
    assert "verbose" not in pipe.run("ping")
    assert "write verbose on" in pipe.fail("verbose")
    assert "write verbose on" in pipe.fail("verbose On")


def test_an_error_reply_is_shown_too(pipe: Pipe) -> None:
    pipe.run("verbose on")
    start = pipe.out.tell()
    pipe.fail("call nope")
    assert '"code": -32601' in pipe.out.getvalue()[start:]


def test_call(pipe: Pipe) -> None:
    assert json.loads(pipe.run("call get_version"))["version"] == "1.02"
    assert json.loads(pipe.run('call supported_methods ["ping"]')) is True
    text = json.loads(pipe.run('call build_pkt "IP()"'))
    assert json.loads(text)[0] == ["Success", 0, "None"]
    methods = pipe.run("call").splitlines()
    assert ["write_pcap", "packets_base64,", "link_type"] in [m.split() for m in methods]
