from __future__ import annotations

from functools import partial

from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.panes.flag_toggles import FlagToggles
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown
from tests.web.simulated import until

ROLES = [{"name": name, "value": value} for name, value in (("root", 0), ("other", 4))]
GROUPS = [
    {"name": "ACK", "mask": 16, "values": [{"name": "Not Set", "value": 0}]},
    {"name": "Role", "mask": 12, "values": ROLES},
]
GROUPS[0]["values"].append({"name": "Set", "value": 16})  # type: ignore[attr-defined]


def test_each_group_turns_through_its_values_and_leaves_the_others() -> None:
    taken: list[int] = []

    async def take(value: int) -> None:
        taken.append(value)

    async def story(user: User, seat: Seat, toggles: FlagToggles) -> None:
        for value, switch, after in ((0, 0, 16), (20, 0, 4), (16, 1, 20), (20, 1, 16), (12, 1, 0)):
            toggles.show(value)
            UserInteraction(user, {toggles._switches[switch]}, None).trigger("click")
            await until(partial(lambda after: taken[-1:] == [after], after))
        toggles.show(20)
        assert [each.props["aria-checked"] for each in toggles._switches] == ["true", "true"]
        assert [each.props["title"] for each in toggles._switches] == ["Set", "other"]

    shown(lambda seat: FlagToggles(GROUPS, take), story)
