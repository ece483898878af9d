"""Every command over a real server, as lines of a pipe."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from scapy_server.console.commands import COMMANDS
from tests.console.pipe import Pipe


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("build", "build what"),
        ("build Eter()", 'did you mean "Ether"'),
        ("build IP(", "was never closed"),
        ("build [{]", "not JSON"),
        ("build [5]", "layer 0"),
        ("build []", "layer"),
        ("build __import__('os').system('true')", "only layers"),
        ("build 5", "a packet is made of layers"),
        ("nope", "there is no command 'nope'"),
        ("pingg", "did you mean ping"),
        ("set IP.ttl 9", "there is no packet"),
        ("unset IP.ttl", "there is no packet"),
        ("show", "there is no packet"),
        ("hex", "there is no packet"),
        ("hex 123", "not bytes in hexadecimal"),
        ("offsets", "there is no packet"),
        ("payloads", "there is no packet"),
        ("fe list", "there is no packet"),
        ("save x.pcap", "there is no packet"),
        ("save x.txt", "there is no packet"),
        ("template", "which template"),
        ("template nope", "nope"),
        ("template ../x", "no template '../x'"),
        ("open", "open which file"),
        ("open /nonexistent/file", "No such file"),
        ("open .", "Is a directory"),
        ("next", "no capture is open"),
        ("prev", "no capture is open"),
        ("goto 1", "no capture is open"),
        ("goto x", "Write goto 3"),
        ("undo", "nothing to undo"),
        ("ping x", "ping stands alone, without 'x'"),
        ("redo", "nothing to redo"),
        ("call nope", "Method not found"),
        ("call get_version {", "not JSON"),
        ("call build_pkt [1e999]", "not JSON"),
        ("help nope", "there is no command 'nope'"),
    ],
)
def test_what_fails_without_a_packet(pipe: Pipe, line: str, said: str) -> None:
    assert said in pipe.fail(line)


def test_commands_are_described() -> None:
    names = [command.name for command in COMMANDS]
    assert len(names) == len(set(names))
    for command in COMMANDS:
        assert command.help.endswith("."), command.name
        assert command.summary.count("(") == command.summary.count(")")
        assert not command.summary.endswith((" a", ",")), command.name
        assert all(example.split()[0] == command.name for example in command.examples)


def test_the_page_lists_the_commands() -> None:
    page = (Path(__file__).parents[2] / "docs" / "console.md").read_text()
    listed = page.partition("## Commands")[2].partition("`help COMMAND`")[0]
    table = re.findall(r"^\| `(.+)` \| (.+) \|$", listed, re.MULTILINE)
    assert table == [(c.usage.replace("|", "\\|"), c.help) for c in COMMANDS]


NONSENSE: list[object] = [
    None,
    5,
    "text",
    [],
    [5],
    {},
    {"data": 5},
    {"data": [{"id": "IP"}], "binary": "AAAA"},
    {"data": [], "binary": "no base64"},
    {"field_engine": {}},
]


@pytest.mark.parametrize("result", NONSENSE)
def test_servers_of_another_kind(pipe: Pipe, tmp_path: Path, result: object) -> None:
    pipe.run("build Ether()/IP()", "fe add STLVmFlowVar name=x")
    (tmp_path / "file").write_bytes(b"Ether()")
    answer = msgspec.Raw(msgspec.json.encode(result))
    pipe.wire._exchanged = lambda method, params: answer  # type: ignore[method-assign]
    for line in (
        "build IP()",
        'build [{"id": "IP"}]',
        "hex 00",
        "set IP.ttl 9",
        "payloads",
        "templates",
        "template x",
        "call",
        "append IP()",
        "fe compile",
        "fe explain",
        "fe preview",
        "fe add STLVmFlowVar name=y",
        "help ping",
        f"open {tmp_path}/file",
        f"save {tmp_path}/x.pcap",
        f"save {tmp_path}/x.py",
    ):
        said, failed = pipe.out.tell(), pipe.err.tell()
        succeeded = pipe.shell.execute(line)
        complaint = pipe.err.getvalue()[failed:]
        # Some nonsense is a fair answer to some commands. The others fail in one line.
        assert succeeded != complaint.startswith("[FAILED] ")
        assert complaint.count("\n") == (not succeeded)
        assert "Traceback" not in pipe.out.getvalue()[said:]


def test_blank_lines_and_comments(pipe: Pipe) -> None:
    assert pipe.run("", "   ", "# a comment") == ""
