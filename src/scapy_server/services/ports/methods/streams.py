"""The streams of profiles."""

from __future__ import annotations

from typing import Any

from scapy_server import limits
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method
from scapy_server.services.ports.methods.status import ALL_PROFILES
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.services.ports.state.port import Port
from scapy_server.services.ports.state.profile import DEFAULT_PROFILE, Profile
from scapy_server.services.ports.state.tables import ProfileCommand, State, after
from scapy_server.streams.reading import Capabilities, read_stream


def profile_of(port: Port, fields: Fields) -> Profile:
    """The profile that the parameters name; NotExecuted if there is none."""
    name = fields.text("profile_id", DEFAULT_PROFILE)
    if name not in port.profiles:
        raise NotExecuted(f"profile_id {name} does not exists")
    return port.profiles[name]


def _add_stream(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    name = fields.text("profile_id", DEFAULT_PROFILE)
    number = fields.uint32("stream_id")
    able = Capabilities(control.setup.shown_cores)
    stream = read_stream(number, fields.members.get("stream"), able)
    profile = port.profiles.get(name)
    state = State.IDLE if profile is None else profile.state
    if profile is None:
        if len(port.profiles) >= limits.PORT_PROFILES:
            raise NotExecuted(f"a port has at most {int(limits.PORT_PROFILES)} profiles")
        known = None
    else:
        known = profile.streams
        if number in known:
            known.check_new(stream, port.stream_count)
    after(state, ProfileCommand.ADD, name)
    if known is not None:
        known.check_new(stream, port.stream_count)
    control.groups.register((port.number, name, number), stream)
    profile = port.add_profile(name)
    profile.streams.add(stream, port.stream_count)
    profile.do(ProfileCommand.ADD)
    return {}


def _remove_stream(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile, number = profile_of(port, fields), fields.uint32("stream_id")
    if number in profile.streams:  # what there is not is missed in any state
        profile.may(ProfileCommand.REMOVE)
    stream = profile.streams.remove(number)
    control.groups.release((port.number, profile.name, number), stream)
    if not len(profile.streams):
        profile.do(ProfileCommand.EMPTIED)
    return {}


def _remove_all_streams(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile = port.profiles.get(fields.text("profile_id", DEFAULT_PROFILE))
    if profile is not None:
        profile.do(ProfileCommand.REMOVE_ALL)
        for stream in profile.streams:
            control.groups.release((port.number, profile.name, stream.stream_id), stream)
        profile.streams.clear()
    return {}


def _get_profile_list(control: Control, fields: Fields) -> list[str]:
    return list(control.port_of(fields).profiles)


def _get_stream_list(control: Control, fields: Fields) -> object:
    port = control.port_of(fields)
    name = fields.text("profile_id", DEFAULT_PROFILE)
    if name == ALL_PROFILES:
        return {each.name: _ids(each) for each in port.profiles.values()}
    return _ids(port.profiles[name]) if name in port.profiles else []


def _ids(profile: Profile) -> list[int]:
    return [stream.stream_id for stream in profile.streams]


def _get_all_streams(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    name = fields.text("profile_id", DEFAULT_PROFILE)
    if name == ALL_PROFILES:
        filled = (each for each in port.profiles.values() if len(each.streams))
        return {"profiles": {each.name: _documents(each) for each in filled}}
    return {"streams": _documents(port.profiles[name]) if name in port.profiles else {}}


def _documents(profile: Profile) -> dict[str, Any]:
    return {str(stream.stream_id): stream.document for stream in profile.streams}


def _get_stream(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile, number = profile_of(port, fields), fields.uint32("stream_id")
    with_packet = fields.boolean("get_pkt")
    if number not in profile.streams:
        raise NotExecuted(
            f"stream id {number}, profile id {profile.name} on port {port.number} does not exists"
        )
    document = dict(profile.streams[number].document)
    if not with_packet:
        document.pop("packet", None)
    return {"stream": document}


METHODS = (
    Method("get_profile_list", _get_profile_list, "the profiles of a port"),
    Method("get_stream_list", _get_stream_list, "the ids of streams"),
    Method("get_all_streams", _get_all_streams, "all streams, as they were added"),
    Method("get_stream", _get_stream, "one stream, as it was added"),
    Method("add_stream", _add_stream, "add a stream", owned=True),
    Method("remove_stream", _remove_stream, "remove a stream", owned=True),
    Method("remove_all_streams", _remove_all_streams, "remove all streams", owned=True),
)
