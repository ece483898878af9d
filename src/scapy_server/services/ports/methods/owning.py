"""Who owns a port."""

from __future__ import annotations

from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import BadParameters
from scapy_server.services.ports.state.events import Kind
from scapy_server.services.ports.state.ownership import FREE_NAME, acquired


def _acquire(control: Control, fields: Fields) -> str:
    port = control.port_of(fields)
    user, session = fields.text("user"), fields.uint32("session_id")
    force = fields.boolean("force")
    if not session:
        raise BadParameters("'session_id' cannot be zero")
    before = port.owner
    port.owner, overruled = acquired(before, user, session, force, control.new_handler())
    control.publish(
        Kind.PORT_ACQUIRED, port_id=port.number, who=user, session_id=session, force=overruled
    )
    control.events.set_writer(session, True, control.wall)
    if before is not None and before.session != session:
        _see_to_queue(control, before.session)
    return port.owner.handler


def _release(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    assert port.owner is not None
    owner, port.owner = port.owner, None
    control.publish(
        Kind.PORT_RELEASED, port_id=port.number, who=owner.user, session_id=owner.session
    )
    _see_to_queue(control, owner.session)
    return {}


def _see_to_queue(control: Control, session: int) -> None:
    """A session that owns no port any more only reads."""
    owners = (port.owner for port in control.ports.values())
    if not any(owner is not None and owner.session == session for owner in owners):
        control.events.set_writer(session, False, control.wall)


def _get_owner(control: Control, fields: Fields) -> dict[str, Any]:
    owner = control.port_of(fields).owner
    return {"owner": FREE_NAME if owner is None else owner.user}


METHODS = (
    Method("acquire", _acquire, "own a port; the handler that proves it"),
    Method("release", _release, "give a port back", owned=True),
    Method("get_owner", _get_owner, "who owns a port", Part.COMMON),
)
