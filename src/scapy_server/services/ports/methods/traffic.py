"""Starting profiles, and changing what they send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method
from scapy_server.services.ports.methods.starting import load_for, send
from scapy_server.services.ports.methods.status import ALL_PROFILES
from scapy_server.services.ports.methods.streams import profile_of
from scapy_server.services.ports.plane.commands import (
    FlowStop,
    Pause,
    Stop,
    Update,
    UpdateStreams,
)
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import BadParameters, NotExecuted
from scapy_server.services.ports.state.events import Kind
from scapy_server.services.ports.state.port import Port
from scapy_server.services.ports.state.profile import DEFAULT_PROFILE, Profile
from scapy_server.services.ports.state.tables import ProfileCommand, State
from scapy_server.streams.division import ALL_CORES, active_cores
from scapy_server.streams.graph import rate_graph
from scapy_server.streams.multiplier import OPERATIONS, UNITS, Multiplier
from scapy_server.streams.stream import Continuous

_DECIMALS = 6
_LEAD_SECONDS = 0.1


def _start_traffic(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    mask = fields.uint64("core_mask", ALL_CORES)
    active_cores(mask, control.setup.shown_cores)
    wanted = _multiplier(fields.inner("mul"), signed=False)
    wanted.check_start()
    duration, force = fields.double("duration"), fields.boolean("force")
    at = fields.double("start_at_ts", 0.0)
    if port.playing:
        raise NotExecuted(
            f"start_traffici: port({port.number}) can't execute on PORT_STATE_PCAP_TX"
        )
    profile = profile_of(port, fields)
    profile.may(ProfileCommand.START)
    if not force:
        _check_link(port, profile)
    load = load_for(port, profile, wanted, force)
    now = control.now
    if at and at < now + _LEAD_SECONDS:
        raise NotExecuted("start_at_ts, if defined, should be at least 100ms from now_sec()")
    before = port.state
    send(control, port, profile, load, duration=max(duration, 0.0), mask=mask, at=at or None)
    profile.do(ProfileCommand.START)
    if not any(each.sends for each in profile.streams):  # it is over before it is told of
        profile.do(ProfileCommand.FINISHED)
        control.publish(Kind.PROFILE_FINISHED, port_id=port.number, profile_id=profile.name)
    control.publish(Kind.PROFILE_STARTED, port_id=port.number, profile_id=profile.name)
    if profile.is_active and before is not State.TX:
        kind = Kind.PORT_RESUMED if before is State.PAUSE else Kind.PORT_STARTED
        control.publish(kind, port_id=port.number)
    return {"multiplier": round(profile.factor, _DECIMALS), "ts": now}


def _check_link(port: Port, profile: Profile) -> None:
    if not port.attributes.link_up:
        raise NotExecuted("Link state is DOWN.")
    explicit = all(each.is_null or each.keeps_macs[0] for each in profile.streams)
    if port.layers.destination is None and not explicit:
        raise NotExecuted(
            f"Port {port.number} dest MAC is invalid and there are streams without explicit "
            "dest MAC."
        )


def _multiplier(fields: Fields, signed: bool) -> Multiplier:
    unit, operation = fields.choice("type", UNITS), fields.choice("op", OPERATIONS)
    value = fields.double("value") if signed else fields.unsigned_double("value")
    return Multiplier(
        next(known for known in UNITS if known == unit),
        value,
        next(known for known in OPERATIONS if known == operation),
    )


def _stop_traffic(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    if port.playing:
        control.ask(port, Stop(port.number, ""))
        port.playing = False
        control.publish(Kind.PORT_STOPPED, port_id=port.number)
        return {}
    name = fields.text("profile_id", DEFAULT_PROFILE)
    chosen = list(port.profiles.values()) if name == ALL_PROFILES else [profile_of(port, fields)]
    for profile in chosen:
        if profile.is_active:
            _stop(control, port, profile)
    return {}


def _stop(control: Control, port: Port, profile: Profile) -> None:
    before = port.state
    control.ask(port, Stop(port.number, profile.name))
    profile.do(ProfileCommand.STOP)
    control.publish(Kind.PROFILE_STOPPED, port_id=port.number, profile_id=profile.name)
    if port.state is before:
        return
    kind = Kind.PORT_PAUSED if port.state is State.PAUSE else Kind.PORT_STOPPED
    control.publish(kind, port_id=port.number)


def _pause_traffic(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile = profile_of(port, fields)
    profile.may(ProfileCommand.PAUSE)
    _check_pausable(profile)
    control.ask(port, Pause(port.number, profile.name, True))
    profile.do(ProfileCommand.PAUSE)
    control.publish(Kind.PROFILE_PAUSED, port_id=port.number, profile_id=profile.name)
    if port.state is State.PAUSE:
        control.publish(Kind.PORT_PAUSED, port_id=port.number)
    return {}


def _check_pausable(profile: Profile) -> None:
    counted = [each for each in profile.streams if each.enabled or not each.is_sequenced]
    if any(not isinstance(stream.mode, Continuous) for stream in counted):
        raise NotExecuted(" pause is supported when all streams are in continues mode ")
    if profile.has_duration:
        raise NotExecuted(" pause is supported when duration is not enable is start command ")


def _resume_traffic(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile = profile_of(port, fields)
    before = port.state
    profile.may(ProfileCommand.RESUME)
    control.ask(port, Pause(port.number, profile.name, False))
    profile.do(ProfileCommand.RESUME)
    control.publish(Kind.PROFILE_RESUMED, port_id=port.number, profile_id=profile.name)
    if before is not State.TX:
        control.publish(Kind.PORT_RESUMED, port_id=port.number)
    return {}


def _pause_streams(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile = profile_of(port, fields)
    chosen = _chosen(fields, profile, "pause")
    if not profile.is_active:
        profile.may(ProfileCommand.PAUSE)
    _check_pausable(profile)
    control.ask(port, Pause(port.number, profile.name, True, chosen))
    return {}


def _resume_streams(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile = profile_of(port, fields)
    chosen = _chosen(fields, profile, "resume")
    if not profile.is_active:
        profile.may(ProfileCommand.RESUME)
    control.ask(port, Pause(port.number, profile.name, False, chosen))
    return {}


def _chosen(fields: Fields, profile: Profile, word: str) -> list[int]:
    chosen = fields.numbers("stream_ids")
    if not chosen:
        raise BadParameters(f"please specify streams to {word}")
    for stream in chosen:
        if stream not in profile.streams:
            raise NotExecuted(
                f"{word}_streams: stream {stream} does not exists in profile_id({profile.name})"
            )
    return chosen


def _update_traffic(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    wanted, force = _multiplier(fields.inner("mul"), signed=True), fields.boolean("force")
    profile = profile_of(port, fields)
    profile.may(ProfileCommand.UPDATE)
    assert profile.graph is not None
    factor = wanted.updated_factor(profile.graph, profile.factor, force)
    if isfinite(factor):
        control.ask(port, Update(port.number, profile.name, factor / profile.factor))
        profile.factor = factor
    profile.do(ProfileCommand.UPDATE)
    return {"multiplier": round(profile.factor, _DECIMALS)}


def _update_streams(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    wanted, force = _multiplier(fields.inner("mul"), signed=True), fields.boolean("force")
    profile = profile_of(port, fields)
    if wanted.operation != "abs":
        raise NotExecuted("Must use absolute multiplier for updating stream")
    chosen = _chosen(fields, profile, "update")
    profile.may(ProfileCommand.UPDATE)
    factors = {each: _factor_alone(port, profile, each, wanted, force) for each in chosen}
    control.ask(port, UpdateStreams(port.number, profile.name, factors))
    return {"multiplier": round(profile.factor, _DECIMALS)}  # that of the profile, as it was


def _factor_alone(
    port: Port, profile: Profile, number: int, wanted: Multiplier, force: bool
) -> float:
    alone = replace(profile.streams[number], next_id=None, self_start=True, enabled=True)
    factor = wanted.factor(rate_graph([alone], port.line), force)
    return factor if isfinite(factor) else 1.0


def _validate(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    report = profile_of(port, fields).streams.validated(port.line).report()
    return {
        "rate": _rounded(report["rate"]),
        "graph": {
            **report["graph"],
            "events": [_rounded(event) for event in report["graph"]["events"]],
        },
    }


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {
        name: round(value, _DECIMALS) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _remove_rx_filters(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile = profile_of(port, fields)
    profile.do(ProfileCommand.REMOVE_FILTERS)
    places = _places(control, profile)
    if places:
        for other in {id(link): link for link in control.links.values()}.values():
            other.ask(FlowStop(list(places)))
    return {}


def _places(control: Control, profile: Profile) -> Sequence[int]:
    """The places of counters that only this profile's streams use."""
    places = []
    for stream in profile.streams:
        if stream.marked is not None and stream.marked.pg_id in control.groups:
            place = control.groups[stream.marked.pg_id].place
            if place is not None:
                places.append(place)
    return sorted(set(places))


METHODS = (
    Method("start_traffic", _start_traffic, "start a profile", owned=True, acts=True),
    Method("stop_traffic", _stop_traffic, "stop a profile", owned=True, acts=True),
    Method("pause_traffic", _pause_traffic, "pause a profile", owned=True, acts=True),
    Method("resume_traffic", _resume_traffic, "resume a profile", owned=True, acts=True),
    Method("pause_streams", _pause_streams, "pause some streams", owned=True, acts=True),
    Method("resume_streams", _resume_streams, "resume some streams", owned=True, acts=True),
    Method("update_traffic", _update_traffic, "change a profile's rate", owned=True, acts=True),
    Method("update_streams", _update_streams, "change streams' rates", owned=True, acts=True),
    Method("validate", _validate, "how fast a profile would be", owned=True),
    Method("remove_rx_filters", _remove_rx_filters, "end the statistics of a profile", owned=True),
)
