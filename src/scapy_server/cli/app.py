"""All commands, in the order in which help lists them; each stands in a file of its own."""

from __future__ import annotations

import typer

from scapy_server.cli.call import call
from scapy_server.cli.completion import CompletedGroup
from scapy_server.cli.console import console
from scapy_server.cli.keys import keys
from scapy_server.cli.methods import methods
from scapy_server.cli.options import ServeCommand
from scapy_server.cli.packets.build import build
from scapy_server.cli.packets.dissect import dissect
from scapy_server.cli.packets.edit import edit
from scapy_server.cli.ports import PortsCommand, ports, ports_status
from scapy_server.cli.serve import serve
from scapy_server.cli.status import status
from scapy_server.cli.streams.convert import convert
from scapy_server.cli.streams.explain import explain
from scapy_server.cli.streams.preview import preview
from scapy_server.cli.streams.render import render
from scapy_server.cli.templates import templates
from scapy_server.cli.version import VersionOption, version
from scapy_server.cli.web import web

app = typer.Typer(
    name="scapy-server",
    cls=CompletedGroup,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(version: VersionOption = False) -> None:
    """Build, edit and dissect packets with Scapy, over JSON-RPC 2.0 on ZeroMQ."""


app.command(cls=ServeCommand)(serve)
app.command()(call)
app.command()(methods)
app.command()(console)
app.command()(status)
app.command()(version)
app.command()(build)
app.command()(dissect)
app.command()(edit)
app.command()(templates)
app.command()(render)
app.command()(preview)
app.command()(explain)
app.command()(convert)
app.command()(web)
app.command(cls=PortsCommand)(ports)
app.command()(ports_status)
app.add_typer(keys, name="keys")
