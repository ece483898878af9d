from __future__ import annotations

import json

from tests.console.pipe import Pipe


def test_the_messages_of_every_command(pipe: Pipe) -> None:
    assert pipe.run("verbose on") == "verbose set to on\n"
    assert '"params": null' in pipe.run("ping")
    shown = pipe.run("call get_version []")
    request = json.loads(shown.split("Server:\n")[1].split("[verbose]")[0])
    assert (request["method"], request["params"]) == ("get_version", [])
    assert '"method": "build_pkt"' in pipe.run('build [{"id": "Ether"}]')
    assert pipe.run("verbose off") == "verbose set to off\n"
    assert "verbose" not in pipe.run("ping")
    assert "write verbose on" in pipe.fail("verbose")
    assert "write verbose on" in pipe.fail("verbose On")


def test_an_error_reply_is_shown_too(pipe: Pipe) -> None:
    pipe.run("verbose on")
    start = pipe.out.tell()
    pipe.fail("call nope")
    assert '"code": -32601' in pipe.out.getvalue()[start:]


def test_with_json_the_messages_stand_aside(pipe: Pipe) -> None:
    pipe.seat.as_json = True
    pipe.run("verbose on")
    assert json.loads(pipe.run("ping")) == {}
    assert '[verbose] Sending Request To Server: {"id": ' in pipe.err.getvalue()
