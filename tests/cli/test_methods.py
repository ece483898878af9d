from __future__ import annotations

import json

from typer.testing import CliRunner, Result

from scapy_server.cli.app import app
from scapy_server.services.packets.table import METHODS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["methods", *arguments])


def test_all_methods_with_what_they_do() -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[0] for line in lines] == [method.name for method in METHODS]
    assert [line.split(maxsplit=1)[1] for line in lines] == [each.summary for each in METHODS]


def test_one_method_with_its_parameters() -> None:
    usage, summary, binary, vm, names, result = run("decompile_vm_raw").stdout.splitlines()
    assert usage == "decompile_vm_raw(pkt_binary, vm_raw, names)"
    assert summary == "  Turn a VM back into a Field Engine program."
    assert binary == "  pkt_binary (a string): the frame in base64, may be empty"
    assert vm.startswith("  vm_raw (an object): ")
    assert names.startswith("  names (a boolean or null, may be left out): true: offsets")
    assert result.startswith("  Result: an object: instructions")


def test_json() -> None:
    assert [each["name"] for each in json.loads(run("--json").stdout)] == [
        method.name for method in METHODS
    ]
    ping = json.loads(run("ping", "--json").stdout)
    assert ping["name"] == "ping"
    assert ping["parameters"] == []


def test_a_name_that_is_none() -> None:
    result = run("build_pk")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "scapy-server: there is no method 'build_pk'; did you mean \"build_pkt\"?\n"
    )
