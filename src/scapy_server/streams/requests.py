"""The commands of the engine's RPC, from JSON to a `Traffic`.

Each method is one function; `api_h`, `handler` and unknown members are ignored.

Source: docs/profiles.md, "Commands".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scapy_server import limits, work
from scapy_server.errors import InvalidParams, RefusedError, located, shown
from scapy_server.streams.division import ALL_CORES
from scapy_server.streams.members import Members
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.profile import DEFAULT_PROFILE
from scapy_server.streams.reading import read_stream
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.traffic import Traffic


def run_requests(traffic: Traffic, requests: Sequence[Any]) -> None:
    """Do what an array of requests asks; raises RefusedError, by request."""
    limits.PROFILE_REQUESTS.check(len(requests))
    for number, request in enumerate(requests):
        work.check()
        method = request.get("method") if isinstance(request, Mapping) else None
        if not isinstance(method, str):
            raise InvalidParams(
                f'request {number}: a request is an object with "method" and "params", '
                f"not {shown(request)}"
            )
        with located(f"request {number} ({method})"):
            run_request(traffic, method, request.get("params"))


def run_request(traffic: Traffic, method: str, params: object) -> object:
    """Do what one request asks and give the engine's answer; raises RefusedError."""
    command = METHODS.get(method)
    if command is None:
        raise RefusedError(
            f"there is no command {shown(method)} here; there are {', '.join(METHODS)}"
        )
    members = Members(params)
    return command(traffic, _Target(members), members)


class _Target:
    """The port and profile that a command is for."""

    def __init__(self, members: Members) -> None:
        self.port = members.whole("port_id", "byte")
        self.profile = members.text("profile_id", DEFAULT_PROFILE)


def _add_stream(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    stream_id = members.whole("stream_id", "uint32")
    raw = members.inner("stream").raw
    stream = read_stream(stream_id, raw, traffic.setting.capabilities)
    traffic.add_stream(to.port, to.profile, stream)
    return {}


def _remove_stream(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    traffic.remove_stream(to.port, to.profile, members.whole("stream_id", "uint32"))
    return {}


def _remove_all_streams(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    traffic.remove_all_streams(to.port, to.profile)
    return {}


def _start_traffic(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    started = traffic.start(
        to.port,
        to.profile,
        Multiplier.of_json(members.inner("mul")),
        duration=members.number("duration", signed=True),
        force=members.flag("force"),
        core_mask=members.whole("core_mask", "uint64", ALL_CORES),
    )
    return {"multiplier": started.factor}


def _stop_traffic(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    traffic.stop(to.port, to.profile)
    return {}


def _update_traffic(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    mul = Multiplier.of_json(members.inner("mul"))
    return {"multiplier": traffic.update(to.port, to.profile, mul, members.flag("force"))}


def _update_streams(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    mul, force = Multiplier.of_json(members.inner("mul")), members.flag("force")
    factor = traffic.update_streams(to.port, to.profile, mul, force, _stream_ids(members))
    return {"multiplier": factor}


def _pause_traffic(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    traffic.pause(to.port, to.profile, True)
    return {}


def _resume_traffic(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    traffic.pause(to.port, to.profile, False)
    return {}


def _pause_streams(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    traffic.pause(to.port, to.profile, True, _stream_ids(members))
    return {}


def _resume_streams(traffic: Traffic, to: _Target, members: Members) -> dict[str, Any]:
    traffic.pause(to.port, to.profile, False, _stream_ids(members))
    return {}


def _stream_ids(members: Members) -> list[int]:
    found = []
    for number, value in enumerate(members.array("stream_ids"), 1):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise StreamRefused(
                f'"stream_ids" holds whole numbers, not {shown(value)}',
                f"'array element: {number} ' is not an uint32",
                path=("stream_ids", number - 1),
            )
        found.append(value)
    return found


Command = Callable[[Traffic, _Target, Members], dict[str, Any]]
METHODS: Mapping[str, Command] = {
    "add_stream": _add_stream,
    "remove_stream": _remove_stream,
    "remove_all_streams": _remove_all_streams,
    "start_traffic": _start_traffic,
    "stop_traffic": _stop_traffic,
    "update_traffic": _update_traffic,
    "update_streams": _update_streams,
    "pause_traffic": _pause_traffic,
    "resume_traffic": _resume_traffic,
    "pause_streams": _pause_streams,
    "resume_streams": _resume_streams,
}
