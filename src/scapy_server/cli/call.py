"""The command `call`, and its parameters as people write them."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from scapy_server.cli import operation
from scapy_server.cli.asking import DEFAULT_SERVER, Server, Timeout, asked, method_names
from scapy_server.cli.problems import one_line
from scapy_server.errors import RefusedError, located
from scapy_server.wording import base64_text

#: A name and a value; `abc=` and `abc==` are base64, which ends so.
_NAMED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(?!=?\Z)(.*)\Z", re.DOTALL)
_JSON_BEGINS = ("[", "{", '"')


#: Seconds that completion waits for the server's list of methods.
_PATIENCE = 1.0


def _methods(context: typer.Context, incomplete: str) -> list[str]:
    """The methods that begin so, as the server that is going to be asked knows them."""
    server = str(context.params.get("server") or os.environ.get("SCAPY_SERVER", DEFAULT_SERVER))
    return [name for name in method_names(server, _PATIENCE) if name.startswith(incomplete)]


def call(
    method: Annotated[
        str, typer.Argument(help="The method, such as `build_pkt`.", autocompletion=_methods)
    ],
    params: Annotated[
        list[str] | None,
        typer.Argument(
            help="Its parameters, by position or as `name=value`: JSON, `@file`, `-` for "
            "standard input, or else a plain string."
        ),
    ] = None,
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = 5.0,
    curve_keys: operation.ClientKeys = None,
) -> None:
    """Call a method of a running server and print its result as JSON.

    `scapy-server call supported_methods all` lists the methods. Examples:

        scapy-server call build_pkt '[{"id": "Ether"}, {"id": "IP"}]'

        scapy-server call build_pkt @model.json

        scapy-server call read_pcap pcap_base64=@trace.pcap options='{"count": 5}'

        scapy-server call read_expression "Ether()/IP()" | scapy-server call build_pkt -

        scapy-server call get_version_handler '"1"' '"02"'

    A file that is neither JSON nor text, as a capture, is handed over in base64. An error
    reply, or none in time, is a line on standard error and exit status 1. Write `--` before a
    parameter that begins with a dash, and `'"@text"'` for a string that begins with an at sign.
    """
    with one_line():
        given = parameters(params or (), sys.stdin.buffer.read)
    result = asked(server, timeout, curve_keys, method, given)
    # Escaped to ASCII, so that no text of a packet can steer the terminal.
    text = json.dumps(result, indent=2)
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        from rich.console import Console  # noqa: PLC0415 (slow to load)
        from rich.highlighter import JSONHighlighter  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        Console(soft_wrap=True).print(JSONHighlighter()(Text(text)))
    else:
        typer.echo(text)


def parameters(texts: Sequence[str], stdin: Callable[[], bytes]) -> list[Any] | dict[str, Any]:
    """The parameters of a call, by position or by name; RefusedError says what is none."""
    if texts.count("-") + sum(text.endswith("=-") for text in texts) > 1:
        raise RefusedError("standard input is there once; only one parameter can be -")
    named = [_NAMED.match(text) for text in texts]
    if not any(named):
        return [_value(f"parameter {number}", text, stdin) for number, text in enumerate(texts, 1)]
    found: dict[str, Any] = {}
    for text, match in zip(texts, named, strict=True):
        if match is None:
            raise RefusedError(
                "parameters go by position or by name, not both; "
                f"give {text!r} its name, as the others have"
            )
        name, value = match.groups()
        if name in found:
            raise RefusedError(f"the parameter {name} is given twice")
        found[name] = _value(f"parameter {name}", value, stdin)
    return found


def _value(what: str, text: str, stdin: Callable[[], bytes]) -> Any:
    with located(what):
        if text == "-":
            return _of_bytes("standard input", stdin())
        if text.startswith("@"):
            path = Path(text[1:])
            try:
                content = path.read_bytes()
            except OSError as error:
                raise RefusedError(f"{path}: {error.strerror}") from None
            return _of_bytes(str(path), content)
        return _of_text(text)


def _of_bytes(name: str, content: bytes) -> Any:
    """JSON, text, or else the bytes as the wire has them."""
    from scapy_server.desk.opening import is_text  # noqa: PLC0415 (brings captures in)

    try:
        text = content.decode() if is_text(content) else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        return base64_text(content)
    with located(name):
        return _of_text(text.strip("\r\n"))


def _of_text(text: str) -> Any:
    """JSON, or the text itself if it does not begin as JSON that must end so."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith(_JSON_BEGINS):
            place = f"line {error.lineno}, column {error.colno}"
            raise RefusedError(f"it begins as JSON and is none: {error.msg} at {place}") from None
    except (ValueError, RecursionError):
        pass
    return text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
