from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from tests import tshark
from tests.cli.packets.commands import done, refused

SYN = "Ether()/IP(dst='192.0.2.7')/TCP(flags='S')"
MODEL = [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 9}]}]


def test_a_packet_is_printed_in_hexadecimal() -> None:
    result = done("build", SYN)
    assert re.fullmatch(r"[0-9a-f]{108}\n", result.stdout)
    assert result.stderr == ""


@pytest.mark.parametrize("ending", ["pcap", "pcapng", "hex", "json", "trp", "py"])
def test_every_form_is_a_source_again(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"syn.{ending}"
    done("build", SYN, "-o", path)
    if ending != "py":
        assert done("build", path, "--format", "hex", "-o", "-").stdout == done("build", SYN).stdout


def test_hex_holds_digits_and_line_ends_alone(tmp_path: Path) -> None:
    path = tmp_path / "packets.hex"
    done("build", "Ether()/IP()/UDP()/Raw('x' * 3000)", "--fragment", 1500, "-o", path)
    assert re.fullmatch(rb"([0-9a-f]{2,}\n){3}", path.read_bytes())


def test_a_file_is_replaced_with_force_alone(tmp_path: Path) -> None:
    path = tmp_path / "syn.pcap"
    path.write_bytes(b"mine")
    assert "is there already; --force replaces it" in refused("build", SYN, "-o", path)
    assert path.read_bytes() == b"mine"
    done("build", SYN, "-o", path, "--force")
    assert len(read_capture(path.read_bytes())) == 1


def test_what_was_given_and_no_more_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "packet.json"
    done("build", json.dumps(MODEL), "-o", path)
    assert json.loads(path.read_bytes()) == [{"id": "Ether", "fields": []}, MODEL[1]]


def test_a_model_comes_from_standard_input_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(MODEL))
    assert done("build", f"@{path}").stdout == done("build", "-", typed=path.read_bytes()).stdout


def test_one_packet_of_a_capture(tmp_path: Path) -> None:
    trace, one = tmp_path / "trace.pcap", tmp_path / "one.pcap"
    done("build", "Ether()/IP()/UDP()/Raw('x' * 3000)", "--fragment", 1500, "-o", trace)
    done("build", f"{trace}:3", "-o", one)
    assert read_capture(one.read_bytes())[0].data == read_capture(trace.read_bytes())[2].data
    assert "ends with packet 3; there is no 4" in refused(
        "build", f"{trace}:4", "-o", tmp_path / "no.pcap"
    )


def test_a_seed_fuzzes(tmp_path: Path) -> None:
    one, again, other = (done("build", SYN, "--fuzz", seed).stdout for seed in (1, 1, 2))
    assert one == again != other


@pytest.mark.processes
def test_tshark_reads_what_is_built(tmp_path: Path) -> None:
    path = tmp_path / "syn.pcap"
    done("build", "TCP-SYN", "-o", path)
    (packet,) = tshark.dissect(path)
    assert (packet.stack, packet.faults) == ("eth:ip:tcp", [])


def test_a_program_is_kept_or_said_to_be_lost(tmp_path: Path) -> None:
    program = {
        "field_engine": {"instructions": [{"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}}]}
    }
    given = json.dumps({"source": MODEL, "program": program}).encode()
    for ending in ("json", "trp", "py"):
        path = tmp_path / f"kept.{ending}"
        assert done("build", "-", "-o", path, typed=given).stderr == ""
        assert "STLVmFixIpv4" in path.read_text()
    said = done("build", "-", "-o", tmp_path / "lost.pcap", typed=given).stderr
    assert said == "note: a capture cannot hold the Field Engine program; .trp, .json and .py do\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Ether()/Nothing()"], "there is no layer 'Nothing'"),
        (["nothing.pcap"], "there is no file 'nothing.pcap'"),
        (["TCP-SYM"], 'did you mean "TCP-SYN"'),
        ([SYN, "-o", "syn.doc"], "one of the endings .pcap"),
        ([SYN, "-o", "/no/such/syn.pcap"], "/no/such/syn.pcap: No such file or directory"),
        (["VXLAN()", "-o", "/tmp/never.pcap"], "begins with VXLAN"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: list[str], said: str) -> None:
    assert said in refused("build", *arguments)
