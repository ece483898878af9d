from __future__ import annotations

import io

import pytest

from scapy_server.console.output import Output


def printed(interactive: bool = False) -> tuple[Output, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Output(interactive, out, err), out, err


def test_a_failure_is_one_line_on_standard_error() -> None:
    output, out, err = printed()
    output.failure("two\nlines\x1b[31m")
    assert (out.getvalue(), err.getvalue()) == ("", "[FAILED] two lines\\x1b[31m\n")


def test_in_a_conversation_failures_stand_among_the_rest() -> None:
    output, out, err = printed(interactive=True)
    output.failure("no")
    output.space()
    assert (out.getvalue(), err.getvalue()) == ("[FAILED] no\n\n", "")


def test_into_a_pipe_there_are_no_empty_lines() -> None:
    output, out, _ = printed()
    output.space()
    output.line("[SUCCESS]", "green")
    assert out.getvalue() == "[SUCCESS]\n"


def test_json_is_ascii() -> None:
    output, out, _ = printed()
    output.json({"a": "ä\x1b"})
    assert out.getvalue() == '{\n "a": "\\u00e4\\u001b"\n}\n'


@pytest.mark.parametrize("interactive", [True, False])
def test_columns_are_as_wide_as_their_widest_text(interactive: bool) -> None:
    output, out, _ = printed(interactive)
    output.columns([("a", "one"), ("long", "two")])
    assert out.getvalue() == "a     one\nlong  two\n"


def test_markup_is_no_markup() -> None:
    output, out, _ = printed()
    output.line("[bold]x[/bold]")
    assert out.getvalue() == "[bold]x[/bold]\n"


def test_a_value_for_a_program_is_one_line() -> None:
    output, out, err = printed()
    output.value({"a": "ä\n", "b": [1]})
    output.message_aside("Request", {"id": 1})
    assert out.getvalue() == '{"a": "\\u00e4\\n", "b": [1]}\n'
    assert err.getvalue() == '[verbose] Request: {"id": 1}\n'


def test_a_dump_is_narrow_at_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert printed(interactive=True)[0].bytes_a_line == 8
    assert printed()[0].bytes_a_line == 16
