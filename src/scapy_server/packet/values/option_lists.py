"""Lists of options as Scapy writes them: names and values in pairs.

Scapy leaves out an option whose name it does not know, with a warning that nobody reads;
here such a list is refused.
"""

from __future__ import annotations

from typing import Any

from scapy.fields import FieldListField
from scapy.layers.dhcp import DHCPOptionsField, DHCPRevOptions, DHCPTypes
from scapy.layers.inet import TCPOptions, TCPOptionsField

from scapy_server.errors import RefusedError, shown
from scapy_server.wording import nearest

#: The TCP options whose value is made of numbers.
_NUMERIC = {name for name, form in TCPOptions[0].values() if form and form[-1] not in "sp"}


def check_options(field: Any, value: object) -> None:
    """Raise RefusedError if `value` for the options field has a member that would be lost."""
    if not isinstance(value, list | tuple):
        if isinstance(field, TCPOptionsField | DHCPOptionsField) and isinstance(value, int | float):
            raise RefusedError(f"{shown(value)} is not a list of options")
        return
    for item in value:
        if isinstance(field, TCPOptionsField):
            check_tcp_option(item)
        elif isinstance(field, DHCPOptionsField):
            _check_dhcp_option(item)


def plain_options(field: Any, value: object) -> object:
    """The value in Scapy's form: of an option of DHCP, values in a list of their own (as JSON
    has them) are a list where the option takes one, else the values themselves."""
    if not isinstance(field, DHCPOptionsField) or not isinstance(value, list | tuple):
        return value
    return [_plain_dhcp_option(item) for item in value]


def _plain_dhcp_option(item: object) -> object:
    if not isinstance(item, tuple) or not any(isinstance(each, tuple) for each in item[1:]):
        return item
    known: Any = DHCPRevOptions.get(item[0])
    takes_list = known is not None and isinstance(known[1], FieldListField)
    values: list[object] = []
    for each in item[1:]:
        if isinstance(each, tuple) and not takes_list:
            values += each
        else:
            values.append(list(each) if isinstance(each, tuple) else each)
    return (item[0], *values)


def check_tcp_option(item: object) -> None:
    """Raise RefusedError if `item` is not an option of TCP: its name or number, and its value."""
    if not (isinstance(item, tuple) and len(item) == 2):
        raise RefusedError(
            f"{shown(item)} is not an option; an option is a pair such as ('MSS', 1460)"
        )
    name, value = item
    if isinstance(name, int) and not isinstance(name, bool):
        _check_number(name)
        if name > 1 and not isinstance(value, bytes | str):
            raise RefusedError(f"{shown(value)} is not bytes, as an option by number needs")
    elif not isinstance(name, str) or name not in TCPOptions[1]:
        hint = nearest(name, TCPOptions[1]) if isinstance(name, str) else ""
        hint = hint or f"; the names are {', '.join(TCPOptions[1])}"
        raise RefusedError(f"{shown(name)} is not a TCP option{hint}")
    elif isinstance(value, str) and name in _NUMERIC:
        raise RefusedError(
            f"{shown(value)} is not a value of the TCP option {name}; it takes a number"
        )


def _check_dhcp_option(item: object) -> None:
    name = item[0] if isinstance(item, tuple) and item else item
    if isinstance(name, int) and not isinstance(name, bool):
        _check_number(name)
    elif isinstance(name, str):
        if name not in DHCPRevOptions:
            raise RefusedError(f"{shown(name)} is not a DHCP option{nearest(name, DHCPRevOptions)}")
        if name == "message-type" and isinstance(item, tuple):
            _check_dhcp_message(item[1:])
    elif not isinstance(item, bytes):
        raise RefusedError(
            f"{shown(item)} is not an option; an option is a name, a pair such as "
            "('message-type', 'discover'), or bytes"
        )


def _check_dhcp_message(values: tuple[object, ...]) -> None:
    known = DHCPTypes.values()
    for value in values:
        if isinstance(value, str) and value not in known:
            raise RefusedError(f"{shown(value)} is not a DHCP message{nearest(value, known)}")


def _check_number(number: int) -> None:
    if not 0 <= number <= 255:
        raise RefusedError(f"{number} is not the number of an option; these are 0 to 255")
