from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from tests import tshark
from tests.cli.packets.commands import done, refused, run

SET = ("--set", "IP.src=192.0.2.1", "--where", "number in 5..9")


@pytest.mark.processes
def test_packets_of_a_capture_change_and_the_rest_stays(trace: Path) -> None:
    target = trace.with_name("out.pcapng")
    result = done("edit", trace, *SET, "--recompute", "-o", target)
    assert (result.stdout, result.stderr) == ("", "")
    names = ("frame.number", "ip.src", "ip.checksum.status", "frame.comment", "frame.time_epoch")
    before, after = (tshark.columns(path, names) for path in (trace, target))
    differing = [int(row[0]) for row, new in zip(before, after, strict=True) if row != new]
    assert differing == [6, 7, 9]
    assert {row[1] for row in after if int(row[0]) in differing} == {"192.0.2.1"}
    assert {row[2] for row in after if row[1]} == {"1"}


@pytest.mark.processes
def test_a_filter_of_tcpdump_and_only_what_it_lets_through(trace: Path) -> None:
    target = trace.with_name("arp.pcapng")
    done("edit", trace, "--bpf", "arp", "--only", "-o", target)
    assert [row[0] for row in tshark.columns(target, ["arp.src.proto_ipv4"])] == [
        f"10.0.0.{number}" for number in (2, 5, 8, 11)
    ]


def test_one_packet_alone(trace: Path) -> None:
    target = trace.with_name("six.pcap")
    done("edit", f"{trace}:6", "--set", "@0=ffffffffffff", "-o", target)
    (record,) = read_capture(target.read_bytes())
    assert record.data[:6] == b"\xff" * 6


@pytest.mark.processes
def test_a_built_packet_follows_by_itself(tmp_path: Path) -> None:
    target = tmp_path / "syn.pcap"
    done("edit", "TCP-SYN", "--set", "IP.dst=192.0.2.7", "-o", target)
    (packet,) = tshark.dissect(target)
    assert packet.faults == []


def test_from_a_pipe_into_a_pipe(trace: Path) -> None:
    data = trace.read_bytes()
    result = done("edit", "-", "--where", "number == 0", "-o", "-", typed=data)
    assert result.stdout_bytes == data


def test_standard_output_takes_another_form(trace: Path) -> None:
    assert done("edit", trace, "-o", "-", "--format", "hex").stdout.count("\n") == 12


def test_what_changed_nothing_is_said(trace: Path) -> None:
    result = done("edit", trace, "--set", "SCTP.tag=1", "-o", trace.with_name("out.pcapng"))
    assert result.stderr == "note: no packet was changed\n"


def test_a_filter_is_heard_of_only_where_it_lets_nothing_through(trace: Path) -> None:
    out = trace.with_name("out.pcapng")
    assert done("edit", trace, "--bpf", "arp", "--only", "-o", out).stderr == ""
    chosen = done("edit", trace, "--where", "SCTP", "--only", "-o", out, "--force")
    assert chosen.stderr == "note: no packet was chosen\n"


def test_a_directory_becomes_another_one(trace: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "traces", tmp_path / "edited"
    (source / "deep").mkdir(parents=True)
    trace.rename(source / "deep" / "one.pcapng")
    (source / "notes").write_text("none")
    (source / "bad.pcap").write_bytes(b"\xd4\xc3\xb2\xa1 and no more")
    result = run("edit", source, *SET, "-o", target)
    assert result.exit_code == 1
    assert "as they are no captures: 1\n" in result.stderr
    assert "bad.pcap: the capture's header is cut short" in result.stderr
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["one.pcapng"]
    assert "--force replaces it" in refused("edit", source, *SET, "-o", target)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "IPP.src=1", "-o", "out.pcapng"], "no layer 'IPP'; did you mean \"IP\""),
        (["--set", "IP.ttl=999", "-o", "out.pcapng"], "packet 1, layer 2 (IP), field ttl: 999"),
        (["--where", "numbre", "-o", "out.pcapng"], "no layer 'numbre'; did you mean \"number\"?"),
        (["--where", "IP", "-o", "out.pcapng", "--set", "IP.ttl"], "takes FIELD=VALUE"),
        (["--set", "IP.ttl=1"], "say where to write the capture with -o"),
        (["-o", "out.xyz"], "save out.xyz as what?"),
        (["-o", "out.json"], "a model holds one packet"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    trace: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(trace.parent)
    if "json" in str(options):
        assert said in done("edit", trace, *options).stderr
        return
    assert said in refused("edit", trace, *options)
    assert [path.name for path in trace.parent.iterdir()] == ["trace.pcapng"]


def test_nobody_answers_at_a_cluster(trace: Path, tmp_path: Path) -> None:
    source = tmp_path / "traces"
    source.mkdir()
    trace.rename(source / "one.pcapng")
    result = run("edit", source, *SET, "--dask", "nonsense://x", "-o", tmp_path / "edited")
    assert result.exit_code == 1
    assert "there is no Dask scheduler at nonsense://x" in result.stderr
