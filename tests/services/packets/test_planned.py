from __future__ import annotations

import pytest

from scapy_server.services.packets.planned import BUILD_PKT, RECONSTRUCT_PKT, Planned
from scapy_server.services.packets.table import METHODS


@pytest.mark.parametrize("planned", [BUILD_PKT, RECONSTRUCT_PKT])
def test_what_the_front_knows_of_a_method_is_how_it_begins(planned: Planned) -> None:
    (method,) = (method for method in METHODS if method.name == planned.name)
    count = len(planned.parameters)
    assert method.parameters[:count] == planned.parameters
    assert not any(parameter.required for parameter in method.parameters[count:])
    assert planned.names == [parameter.name for parameter in planned.parameters]
