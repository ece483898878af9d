"""The console as a person uses it: keys in, screen out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.terminal import (
    CTRL_C,
    CTRL_D,
    ENTER,
    TAB,
    UP,
    Terminal,
    terminal,
)
from tests.running import PATIENCE, server_in_thread

pytestmark = pytest.mark.processes

# The first version's document, "TRex Console", as printed from `verbose set to on`.
DOCUMENTED = """\
TRex > verbose on

verbose set to on

TRex > ping

-> Pinging RPC server
[verbose] Sending Request To Server:

{
 "id": "l0tog11a",
 "jsonrpc": "2.0",
 "method": "ping",
 "params": null
}

[verbose] Server Response:

{
 "id": "l0tog11a",
 "jsonrpc": "2.0",
 "result": {}
}

[SUCCESS]
"""


def console(port: int, timeout: float = PATIENCE) -> list[str]:
    server = f"127.0.0.1:{port}"
    return ["-m", "scapy_server", "console", "--server", server, "--timeout", str(timeout)]


@pytest.fixture
def screen(server_port: int, tmp_path: Path) -> Iterator[Terminal]:
    with terminal(console(server_port), tmp_path) as person:
        person.wait_for_prompt()
        yield person


def test_the_documented_session(screen: Terminal) -> None:
    first = len(screen.lines()) - 1
    screen.command("verbose on")
    screen.command("ping")
    shown = [line.rstrip() for line in screen.lines()[first:-1]]
    ids = re.findall(r'"id": "([a-z0-9]{8})"', "\n".join(shown))
    assert len(ids) == 2
    assert len(set(ids)) == 1
    expected = DOCUMENTED.replace("l0tog11a", ids[0]).splitlines()
    while not shown[-1]:
        shown.pop()
    assert shown == expected


def test_building_and_editing(screen: Terminal) -> None:
    built = screen.command("build Ether()/IP(dst='1.2.3.4')/UDP()")
    assert "42 bytes" in built
    assert any(re.fullmatch(r"\s+30\s+4 bytes\s+dst\s+1\.2\.3\.4", line) for line in built)
    # The address has the colour of its layer, in the tree and in the dump.
    assert screen.styles_of("chksum") == {"green", "brown"}  # of IP and of UDP
    assert screen.styles_of("01 02") == {"green"}
    assert screen.styles_of("00 35 00 35") == {"brown"}
    changed = screen.command("set IP.ttl 9")
    assert any(re.search(r"22\s+1 byte\s+IP\.ttl\s+64 -> 9$", line) for line in changed)
    assert not any("Ether" in line or "IP.src" in line for line in changed)
    assert any(re.search(r"IP\.ttl\s+9 -> 64$", line) for line in screen.command("undo"))
    assert screen.command("show") == built
    assert screen.command("redo") == changed


def test_the_completion_menu(screen: Terminal) -> None:
    screen.keys("temp")
    screen.wait(lambda lines: any("templates" in line and "List" in line for line in lines))
    screen.keys(TAB + TAB)
    screen.wait(lambda lines: "TRex > template" in lines)
    screen.keys(CTRL_C)
    screen.wait(lambda lines: lines[-2:] == ["TRex > template", "TRex >"])
    screen.command("build Ether()/IP()/UDP()")
    screen.keys("set IP.tt")
    screen.wait(lambda lines: bool(re.fullmatch(r"\s+ttl\s+64", lines[-1])))
    screen.keys(TAB)
    screen.wait(lambda lines: any(line.startswith("TRex > set IP.ttl") for line in lines))
    screen.keys("7" + ENTER)
    screen.wait(lambda lines: any(re.search(r"ttl\s+64 -> 7$", line) for line in lines))


def test_layers_of_expressions_are_completed(screen: Terminal) -> None:
    screen.keys("build Ethe")
    screen.wait(lambda lines: any(re.match(r"\s+Ether\(\s+Ethernet II", line) for line in lines))
    screen.keys("r()/UDP(dp")
    screen.wait_for("Destination port")
    screen.keys(TAB)
    screen.wait(lambda lines: any("UDP(dport=" in line for line in lines))


def test_template_ids_are_completed(screen: Terminal) -> None:
    screen.keys("template TCP")
    screen.wait_for("TCP-SYN")
    screen.keys(TAB)
    screen.wait_for("TRex > template TCP-SYN")
    screen.keys(ENTER)
    screen.wait_for("74 bytes")


def test_keys_that_cancel_recall_and_quit(screen: Terminal) -> None:
    screen.keys("build nonsense")
    screen.wait(lambda lines: "TRex > build nonsense" in lines)
    screen.keys(CTRL_C)
    screen.wait(lambda lines: lines[-2:] == ["TRex > build nonsense", "TRex >"])
    assert screen.command("ping")[-2:] == ["[SUCCESS]", ""]
    screen.wait_for_prompt()
    screen.keys(UP)
    screen.wait(lambda lines: lines[-1] == "TRex > ping")
    screen.keys(ENTER)
    screen.wait(lambda lines: lines.count("[SUCCESS]") == 2 and lines[-1] == "TRex >")
    screen.keys(CTRL_D)
    assert screen.exit_status() == 0


def changed(screen: Terminal) -> None:
    """Have something in no file."""
    screen.command("build Ether()/IP()")
    screen.command("set IP.ttl 9")


QUESTION = "Changes of packet are not saved. Leave all the same? [y/N]"


def test_leaving_with_changes_asks(screen: Terminal) -> None:
    changed(screen)
    for answer in ("n" + ENTER, ENTER, CTRL_C):
        before = len(screen.wait_for_prompt())
        screen.keys("quit" + ENTER)
        screen.wait(lambda lines: lines[-1] == QUESTION and len(lines) > before)  # noqa: B023
        screen.keys(answer)
        screen.wait(lambda lines: lines[-1] == "TRex >" and len(lines) > before)  # noqa: B023
    screen.keys(CTRL_D)
    screen.wait(lambda lines: lines[-1] == QUESTION)
    screen.keys("y" + ENTER)
    assert screen.exit_status() == 0


def test_a_second_time_ctrl_d_leaves(screen: Terminal) -> None:
    changed(screen)
    screen.keys(CTRL_D)
    screen.wait(lambda lines: lines[-1] == QUESTION)
    screen.keys(CTRL_D)
    assert screen.exit_status() == 0


@pytest.mark.parametrize("line", ["save packet.json", "undo"])
def test_leaving_without_changes_asks_nothing(screen: Terminal, line: str) -> None:
    changed(screen)
    screen.command(line)
    screen.keys("quit" + ENTER)
    assert screen.exit_status() == 0


def test_whoever_is_sure_is_not_asked(screen: Terminal) -> None:
    changed(screen)
    screen.keys("quit -f" + ENTER)
    assert screen.exit_status() == 0


def test_lines_are_remembered(server_port: int, tmp_path: Path) -> None:
    with terminal(console(server_port), tmp_path) as person:
        person.command("ping")
        person.keys("quit" + ENTER)
        assert person.exit_status() == 0
    history = tmp_path / "state" / "scapy-server" / "console_history"
    assert "+ping" in history.read_text().splitlines()
    assert history.stat().st_mode & 0o077 == 0
    with terminal(console(server_port), tmp_path) as person:
        person.wait_for_prompt()
        person.keys(UP + UP)
        person.wait(lambda lines: lines[-1] == "TRex > ping")


def test_a_failure_is_one_line(screen: Terminal) -> None:
    assert screen.command("set IP.ttl 9") == [
        "",
        "[FAILED] there is no packet; build, open or hex one, or load a template",
        "",
    ]


def test_no_color(server_port: int, tmp_path: Path) -> None:
    with terminal(console(server_port), tmp_path, {"NO_COLOR": "1"}) as person:
        person.command("build Ether()/IP()")
        assert person.styles_of("chksum") == {"default"}
        assert person.styles_of("TRex >") == {"default"}


def test_a_narrow_terminal(server_port: int, tmp_path: Path) -> None:
    with terminal(console(server_port), tmp_path, {"COLUMNS": "50"}) as person:
        lines = [*person.command("build Ether()/IP()"), *person.command("help")]
        assert "000008  00 02 00 00 08 00 45 00   ......E." in lines
        assert max(map(len, lines)) <= 50
        listed = next(i for i, line in enumerate(lines) if line.startswith("verbose"))
        assert lines[listed + 1].startswith(" " * 11)


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    with server_in_thread() as (port, _):
        pass
    with terminal(console(port, 0.5), tmp_path) as person:
        away = person.command("ping")
        assert away[1] == "-> Pinging RPC server"
        assert away[2].startswith(f"[FAILED] nobody listens on tcp://127.0.0.1:{port}; ")
        assert away[3:] == [""]
        with server_in_thread(port=port):
            # On a busy machine one reply may come too late.
            assert any("[SUCCESS]" in person.command("ping") for _ in range(100))
        assert any("[FAILED]" in line for line in person.command("ping"))
        person.keys("quit" + ENTER)
        assert person.exit_status() == 0
