"""Every command over a real server, as lines of a pipe."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from scapy_server import Client
from scapy_server.console.command import Desk
from scapy_server.console.commands import COMMANDS
from scapy_server.console.output import Output
from scapy_server.console.session import Session
from scapy_server.console.shell import Shell, help_command
from scapy_server.console.wire import Wire
from tests.running import environment

PCAPS = Path(__file__).parents[1] / "sample_captures"


class Pipe:
    """A console whose lines come from a test."""

    def __init__(self, wire: Wire) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.session = Session()
        self.wire = wire
        self.shell = Shell(Desk(wire, self.session, Output(False, self.out, self.err)))

    def run(self, *lines: str) -> str:
        """What lines that succeed print."""
        start = self.out.tell()
        for line in lines:
            assert self.shell.execute(line), self.err.getvalue()
        return self.out.getvalue()[start:]

    def fail(self, line: str) -> str:
        """The one line that a failing line prints; the packet stays as it was."""
        before = self.session.current
        start = self.err.tell()
        assert not self.shell.execute(line)
        assert self.session.current is before
        text = self.err.getvalue()[start:]
        assert text.startswith("[FAILED] ")
        assert text.count("\n") == 1
        return text

    def value(self, layer: str, field: str) -> object:
        """The value of a field of the packet at hand."""
        layers = [item for item in self.session.packet.layers if item["id"] == layer]
        return next(item["value"] for item in layers[-1]["fields"] if item["id"] == field)


@pytest.fixture
def pipe(server_port: int) -> Iterator[Pipe]:
    wire = Wire(f"127.0.0.1:{server_port}", 60)
    yield Pipe(wire)
    wire.close()


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


@pytest.mark.parametrize(
    "text", ["Ether()/IP(dst='1.2.3.4')/UDP()", '[{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]']
)
def test_build(pipe: Pipe, text: str) -> None:
    shown = pipe.run(f"build {text}")
    assert shown.startswith("42 bytes\nEther  Ethernet  from byte 0\n")
    assert "\x1b" not in shown
    assert len(pipe.session.packet.frame) == 42


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("build", "build what"),
        ("build Eter()", 'did you mean "Ether"'),
        ("build IP(", "was never closed"),
        ("build [{]", "not JSON"),
        ("build [5]", "-32098"),
        ("build []", "-32098"),
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
        ("save x.txt", "one of the endings .pcap, .trp, .json, .py"),
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
        ("call nope", "Method not found (-32601)"),
        ("call get_version {", "not JSON"),
        ("call build_pkt [1e999]", "not JSON"),
        ("help nope", "there is no command 'nope'"),
    ],
)
def test_what_fails_without_a_packet(pipe: Pipe, line: str, said: str) -> None:
    assert said in pipe.fail(line)


def test_set_and_unset_build_again(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/IP()/TCP()")
    pipe.run("set IP.ttl 9", "set IP:1.dst 1.2.3.4", "set TCP.options [('MSS', 1460)]")
    assert pipe.session.packet.layers[1]["fields"][7]["value"] == 9
    assert pipe.value("IP", "dst") == "1.2.3.4"
    assert pipe.value("TCP", "dataofs") == 6
    pipe.run("set IP.ttl 0x10")
    assert pipe.session.packet.layers[1]["fields"][7]["value"] == 16
    checksum = pipe.value("IP", "chksum")
    pipe.run("set IP:1.chksum 1")
    assert pipe.value("IP", "chksum") == 1
    pipe.run("unset IP:1.chksum")
    assert pipe.value("IP", "chksum") == checksum
    assert "layer 1 (IP), field ttl: 999 is out of range" in pipe.fail("set IP.ttl 999")
    assert "tttl" in pipe.fail("set IP.tttl 9")
    assert "nope" in pipe.fail("unset IP.nope")
    assert "set what to what" in pipe.fail("set IP.ttl")
    assert "unset what" in pipe.fail("unset")
    assert "which field" in pipe.fail("random")


def test_random_values_stay(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()", "random IP.src", "random IP.id")
    drawn = pipe.value("IP", "src"), pipe.value("IP", "id")
    pipe.run("set IP.ttl 9")
    assert (pipe.value("IP", "src"), pipe.value("IP", "id")) == drawn


def test_append_delete_undo_redo(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "append UDP", "append DNS(qd=DNSQR(qname='a.b'))/Raw('x')")
    pipe.run('append [{"id": "Raw"}]')
    ids = [layer["id"] for layer in pipe.session.packet.layers]
    assert ids == ["Ether", "IP", "UDP", "DNS", "Raw", "Raw"]
    assert pipe.value("UDP", "dport") == 53
    whole = pipe.session.packet
    pipe.run("delete UDP")
    assert [layer["id"] for layer in pipe.session.packet.layers] == ["Ether", "IP"]
    pipe.run("undo")
    assert pipe.session.packet is whole
    pipe.run("redo")
    assert pipe.run("delete Ether") == "no packet\n"
    pipe.run("undo")
    assert pipe.run("undo").startswith(f"{len(whole.frame)} bytes")
    for line, said in (
        ("append", "append what"),
        ("append Nope", "Nope"),
        ('append {"id": 1}', ""),
        ("delete", "delete which"),
        ("delete ARP", "no layer 'ARP'"),
    ):
        assert said in pipe.fail(line)


def test_a_dissected_packet_is_changed_in_place(pipe: Pipe, server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}") as client:
        model = client.read_expression("Ether()/IP()/UDP()/Raw('dummy')")
        frame = client.build_pkt(model).bytes
    pipe.run(f"hex {frame.hex(' ')}")
    assert pipe.session.packet.frame == frame
    assert pipe.session.packet.model is None
    checksum = pipe.value("IP", "chksum")
    pipe.run("set IP.ttl 3")
    assert pipe.value("IP", "chksum") == checksum  # it stays as it was captured
    pipe.run("unset IP.chksum")
    assert pipe.value("IP", "chksum") != checksum
    pipe.run("delete Raw")
    assert len(pipe.session.packet.frame) == 42
    pipe.run("append Raw('abc')")
    assert pipe.session.packet.frame.endswith(b"abc")
    assert pipe.run("delete Ether") == "no packet\n"


@pytest.mark.parametrize("digits", ["0x00 0x00:00,00,01,00", "000000 000100"])
def test_hex_takes_bytes_as_they_are_pasted(pipe: Pipe, digits: str) -> None:
    pipe.run(f"hex {digits} 00 00 00 02 00 00 90 00")
    assert pipe.value("Ether", "type") == 0x9000


def test_looking_at_a_packet(pipe: Pipe) -> None:
    built = pipe.run("build Ether()/IP()/UDP()")
    assert pipe.run("show") == built
    assert pipe.run("hex") == built[built.index("000000  ") :]
    offsets = pipe.run("offsets").splitlines()
    assert "IP.frag     6.3       20.3       13 bits" in offsets
    assert "Raw" in pipe.run("payloads").splitlines()
    pipe.run("append IP")
    assert "IP:1.ttl      8         50         1 byte" in pipe.run("offsets").splitlines()


def test_templates(pipe: Pipe) -> None:
    assert any(line.startswith("TCP-SYN ") for line in pipe.run("templates").splitlines())
    pipe.run("template ICMP echo request")
    assert pipe.value("ICMP", "type") == 8


def test_field_engine_programs(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    assert pipe.run("fe") == "no instructions\n"
    pipe.run("fe add STLVmFlowVar name=ttl size=1 value_list='[1, 2]'")
    pipe.run('fe add {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "ttl"}}')
    pipe.run("fe global cache_size=5")
    assert pipe.run("fe list").splitlines() == [
        "  0 STLVmFlowVar name=ttl size=1 value_list='[1, 2]'",
        "  1 STLVmWrFlowVar fv_name=ttl",
        "    global cache_size=5",
    ]
    assert pipe.session.packet.program.instructions[0]["parameters"]["value_list"] == {
        "vtype": "EXPRESSION",
        "expr": "[1, 2]",
    }
    assert "varied by 2 Field Engine instructions" in pipe.run("set IP.ttl 9")
    assert len(pipe.session.packet.program.instructions) == 2  # changes keep the program
    pipe.run("fe remove 0")
    assert "  0 STLVmWrFlowVar" in pipe.run("fe list")
    assert pipe.run("undo").startswith("  0 STLVmFlowVar name=ttl")
    assert pipe.run("redo").startswith("  0 STLVmWrFlowVar")
    pipe.run("undo", "fe remove all")
    assert pipe.run("fe compile").endswith("[SUCCESS]\n")
    for line, said in (
        ("fe add", "add which instruction"),
        ("fe add name=x", "add which instruction"),
        ("fe add STLVmFlowVar name", "'name' is not a parameter"),
        ("fe add STLVmFlowVar name='x", "no closing quotation"),
        ('fe add {"parameters": {}}', 'an instruction has an "id"'),
        ('fe add {"id": "x", "parameters": 5}', 'an instruction has an "id"'),
        ("fe remove 0", "has no instructions"),
        ("fe remove x", "has no instructions"),
        ("fe global", "which parameter"),
        ("fe dance", "fe cannot 'dance'"),
    ):
        assert said in pipe.fail(line)


def test_compiling_a_program(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run("fe add STLVmFlowVar name=ttl size=1 min_value=1 max_value=9")
    shown = pipe.run("fe compile")
    assert "warning: nothing writes ttl into the packet" in shown
    pipe.run("fe add STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl", "fe add STLVmFixIpv4 offset=IP")
    compiled = pipe.run("fe compile")
    vm = json.loads(compiled[: compiled.rindex("\n}\n") + 2])
    assert [item["type"] for item in vm["instructions"]] == [
        "flow_var",
        "write_flow_var",
        "fix_checksum_ipv4",
    ]
    assert vm["instructions"][1]["pkt_offset"] == 22
    assert "cache" not in vm  # nothing that nobody asked for
    assert "There are 9 different packets" in compiled
    pipe.run(f"hex {pipe.session.packet.frame.hex()}")  # what was dissected can be varied too
    pipe.run("fe add STLVmTrimPktSize fv_name=x")
    assert "[FAILED] instruction 0 (STLVmTrimPktSize)" in pipe.fail("fe compile")


def test_saving_what_does_not_begin_with_ethernet(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build UDP()", f"save {tmp_path}/x.py", f"save {tmp_path}/x.json")
    assert "packet = UDP(sport=53," in (tmp_path / "x.py").read_text()
    assert "this packet begins with UDP" in pipe.fail(f"save {tmp_path}/x.pcap")


def test_saving_and_opening(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build Ether()/IP(ttl=9)/UDP()/'payload'", "fe add STLVmTrimPktSize fv_name=x")
    packet = pipe.session.packet
    for ending in ("pcap", "trp", "json", "py"):
        assert "bytes saved to" in pipe.run(f"save {tmp_path}/packet.{ending}")
        assert "exists; save -f" in pipe.fail(f"save {tmp_path}/packet.{ending}")
        pipe.run(f"save -f {tmp_path}/packet.{ending}")
    assert "cannot write" in pipe.fail(f"save {tmp_path}/nowhere/packet.pcap")
    for ending in ("pcap", "trp", "json"):
        pipe.run("build Ether()", f"open {tmp_path}/packet.{ending}")
        assert pipe.session.packet.frame == packet.frame
        if ending == "trp":
            assert pipe.session.packet.program == packet.program
    document = json.loads((tmp_path / "packet.trp").read_text())
    assert document["fileType"] == "trex-packet-editor"
    assert all(isinstance(layer["fields"], list) for layer in document["packet"])


def test_a_saved_expression_builds_the_packet_in_plain_scapy(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build Ether()/IP(ttl=9)/TCP(options=[('MSS', 1460)])/'payload'")
    pipe.run(f"save {tmp_path}/packet.py")
    program = "import packet, sys; sys.stdout.buffer.write(bytes(packet.packet))"
    built = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**environment(), "HOME": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert built.stdout == pipe.session.packet.frame


def document(**members: object) -> str:
    """The text of a document of the packet editor, with these members otherwise."""
    whole = {"fileType": "trex-packet-editor", "version": "1.0.0", "metadata": {"caption": ""}}
    return json.dumps(whole | {"packet": []} | members)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "not a document of the packet editor"),
        ("{", "not a document of the packet editor"),
        ("no capture", "-32098"),
        ("", "-32098"),
        (document(feInstructions=[5]), "not a document of the packet editor"),
        (document(feInstructions=[{"id": 5}]), "is not one"),
        (document(fePrarameters=[1]), "not a document of the packet editor"),
        ("[1]", "-32098"),
    ],
)
def test_files_that_cannot_be_opened(pipe: Pipe, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    assert said in pipe.fail(f"open {path}")


def test_walking_through_a_capture(pipe: Pipe, tmp_path: Path, server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}") as client:
        frames = [bytes(12) + b"\x90\x00" + bytes([number]) for number in range(3)]
        (tmp_path / "three.pcap").write_bytes(client.write_pcap(frames))
    assert pipe.run(f"open {tmp_path}/three.pcap").startswith("packet 1 of 3, 15 bytes\n")
    assert pipe.run("next").startswith("packet 2 of 3")
    assert pipe.run("goto 3").startswith("packet 3 of 3")
    assert "the packets 1 to 3, not 4" in pipe.fail("next")
    assert pipe.run("prev").startswith("packet 2 of 3")
    pipe.run("set Raw.load b'changed'")
    assert pipe.run("next").startswith("packet 3 of 3")
    assert pipe.run("prev").startswith("packet 2 of 3, 15 bytes")  # as it was captured
    pipe.run("undo")
    assert pipe.run("undo").startswith("packet 2 of 3, 21 bytes")


def test_captures_of_other_link_types_can_be_edited(pipe: Pipe, tmp_path: Path) -> None:
    ip = bytes.fromhex("450000140001000040000000100000013000000100"[:40])
    header = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000065000000")
    record = bytes(8) + len(ip).to_bytes(4, "little") * 2
    (tmp_path / "ip.pcap").write_bytes(header + record + ip)
    pipe.run(f"open {tmp_path}/ip.pcap")
    assert pipe.session.packet.frame == ip
    pipe.run("set IP.ttl 9")
    assert pipe.session.packet.frame == ip[:8] + b"\x09" + ip[9:]


def test_call(pipe: Pipe) -> None:
    assert json.loads(pipe.run("call get_version"))["version"] == "1.02"
    assert json.loads(pipe.run('call supported_methods ["ping"]')) is True
    text = json.loads(pipe.run('call build_pkt "IP()"'))
    assert json.loads(text)[0] == ["Success", 0, "None"]
    methods = pipe.run("call").splitlines()
    assert ["write_pcap", "packets_base64,", "link_type"] in [m.split() for m in methods]


def test_help(pipe: Pipe) -> None:
    listed = pipe.run("help").splitlines()
    assert [line.split()[0] for line in listed] == [*(c.name for c in COMMANDS), "help"]
    assert pipe.run("help set").splitlines()[0] == "set LAYER.FIELD VALUE"
    for command in COMMANDS:
        assert command.help in pipe.run(f"help {command.name}")


def test_help_on_a_method(pipe: Pipe) -> None:
    lines = pipe.run("help reconstruct_pkt").splitlines()
    assert lines[0] == "reconstruct_pkt(binary_pkt, model_descriptor, link_type)"
    assert lines[1] == "  Dissect a frame, change fields of it, and build it again."
    assert lines[3].startswith("  model_descriptor (an array or null, may be left out): ")
    assert lines[-1].startswith("  Result: ")


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
    table = re.findall(r"^\| `(.+)` \| (.+) \|$", page, re.MULTILINE)
    commands = (*COMMANDS, help_command(COMMANDS))
    assert table == [(c.usage.replace("|", "\\|"), c.help) for c in commands]


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
    (tmp_path / "file").write_bytes(b"x")
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


def test_quit(pipe: Pipe) -> None:
    lines = io.StringIO("ping\nquit\nnope\n")
    assert pipe.shell.run_lines(lines)
    assert lines.read() == "nope\n"
