"""Python profiles of the engine: read by its own client library, written for it.

Reading runs the file's code, in a process of its own and only for a file that a person
named at the command line; no request ever leads here. Writing gives a profile whose streams
are those of the document to the last member.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from pprint import pformat
from typing import Any

import msgspec

from scapy_server.errors import RefusedError, shown
from scapy_server.extras import EXTRAS, needed
from scapy_server.streams.documents import python_process
from scapy_server.streams.documents.entries import ProfileDocument
from scapy_server.streams.documents.trex_profile import read_profile, write_profile

#: Longer than the library needs to start on a slow machine.
PATIENCE_SECONDS = 120
Tunables = Mapping[str, Any] | Sequence[str]

_HEADER = '''\
"""A profile of {count} stream{plural}, written by scapy-server.

Each entry of STREAMS is the JSON of a stream as the engine's RPC takes it.
"""

import base64

from trex.stl.api import *

'''

_READER = """

def mode_of(raw):
    values = dict(raw)
    kind, rate = values.pop("type"), values.pop("rate")
    values[rate["type"]] = rate["value"]
    kinds = {"continuous": STLTXCont, "single_burst": STLTXSingleBurst}
    return kinds.get(kind, STLTXMultiBurst)(**values)


def flow_stats_of(raw):
    if not raw["enabled"]:
        return None
    if raw["rule_type"] == "tpg":
        return STLTaggedPktGroup(tpgid=raw["stream_id"])
    kinds = {"stats": STLFlowStats, "latency": STLFlowLatencyStats}
    more = {name: raw[name] for name in ("vxlan", "ieee_1588") if name in raw}
    return kinds[raw["rule_type"]](pg_id=raw["stream_id"], **more)


def stream_of(raw):
    frame = base64.b64decode(raw["packet"]["binary"])
    stream = STLStream(
        name=raw.get("name"),
        next=raw.get("next"),
        stream_id=raw["stream_id"],
        packet=STLPktBuilder(pkt_buffer=frame),
        mode=mode_of(raw["mode"]),
        flow_stats=flow_stats_of(raw["flow_stats"]),
    )
    apart = ("name", "next", "stream_id", "next_stream_id")
    stream.fields.update({name: value for name, value in raw.items() if name not in apart})
    return stream


class Profile(object):
    def get_streams(self, direction=0, **kwargs):
        return [stream_of(raw) for raw in STREAMS]


def register():
    return Profile()
"""


def read_python_profile(
    path: Path, tunables: Tunables = (), *, direction: int = 0, port: int = 0
) -> ProfileDocument:
    """The streams of a Python profile, for a direction and port.

    Raises RefusedError without the library, and for whatever the profile's code raises.
    """
    request = {
        "file": str(path.resolve()),
        "direction": direction,
        "port_id": port,
        "tunables": tunables,
    }
    try:
        done = subprocess.run(
            [sys.executable, str(Path(python_process.__file__))],
            input=msgspec.json.encode(request),
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RefusedError(f"the profile takes longer than {PATIENCE_SECONDS} seconds") from None
    answer = _answer(done)
    if answer.get("refused") == python_process.MISSING:
        with needed("trex", "a Python profile"):
            raise ModuleNotFoundError(name=EXTRAS["trex"])
    if "refused" in answer:
        raise RefusedError(f"the profile cannot be loaded: {answer['refused']}")
    return read_profile(answer["streams"])


def _answer(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    lines = done.stdout.splitlines()
    try:
        answer = msgspec.json.decode(lines[-1] if lines else b"")
    except msgspec.DecodeError:
        answer = None
    if not isinstance(answer, dict):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"it ended with status {done.returncode}"
        raise RefusedError(f"the profile cannot be loaded: {why}")
    return answer


def write_python_profile(document: ProfileDocument) -> str:
    """The text of a Python profile; raises RefusedError for several ports or profiles."""
    streams = write_profile(document)
    count = len(streams)
    header = _HEADER.format(count=count, plural="" if count == 1 else "s")
    listed = pformat(streams, width=100, sort_dicts=False)
    return f"{header}STREAMS = {listed}\n{_READER}"


def read_tunables(text: str) -> Tunables:
    """Tunables as the engine's console takes them: "size=64,vm=var1", or "--size 64".

    Raises RefusedError for anything else.
    """
    if not text.strip():
        return {}
    if text.lstrip().startswith("-"):
        try:
            return shlex.split(text)
        except ValueError as error:
            raise RefusedError(f"the tunables {shown(text)} cannot be read: {error}") from None
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value:
            raise RefusedError(f"a tunable is NAME=VALUE, not {shown(part)}")
        found[name.strip()] = _value(value)
    return found


_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


def _value(text: str) -> Any:
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return text[1:-1]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if re.fullmatch(r"0x[0-9a-fA-F]{1,32}", text):
        return int(text, 16)
    if re.fullmatch(r"[+-]?\d{1,32}", text):
        return int(text)
    if re.fullmatch(r"[+-]?\d{0,32}\.\d{0,32}", text) and any(c.isdigit() for c in text):
        return float(text)
    return text
