from __future__ import annotations

import pytest
from scapy.layers.dhcp import DHCPOptionsField
from scapy.layers.inet import TCP, TCPOptionsField

from scapy_server.errors import RefusedError
from scapy_server.packet.values.option_lists import check_options, plain_options

TCP_FIELD = TCPOptionsField("options", b"")
DHCP_FIELD = DHCPOptionsField("options", b"")


@pytest.mark.parametrize(
    "options",
    [
        [],
        [("MSS", 1460), ("NOP", None), ("EOL", None), ("SAckOK", b"")],
        [("Timestamp", (1, 2)), ("WScale", 7), ("SAck", (1, 2))],
        [("Mood", b"HAPPY"), ("Mood", "HAPPY"), ("MD5", b"0" * 16)],
        [("MSS", b"cut")],  # as it is read from a length that lies
        [(0, b""), (1, None), (254, b"any"), (254, "any")],
    ],
)
def test_tcp_options_that_are_built(options: list[object]) -> None:
    check_options(TCP_FIELD, options)
    assert TCP(options=options).build()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([("FOO", 1)], "'FOO' is not a TCP option"),
        ([("mss", 1)], "'mss' is not a TCP option; did you mean \"MSS\"?"),
        ([("MSS", "x")], "'x' is not a value of the TCP option MSS"),
        ([("MSS",)], "an option is a pair such as ('MSS', 1460)"),
        ([("MSS", 1, 2)], "an option is a pair"),
        (["MSS"], "an option is a pair"),
        ([("NOP", None), 5], "5 is not an option"),
        ([(None, 1)], "None is not a TCP option"),
        ([(True, 1)], "True is not a TCP option"),
        ([(256, b"")], "256 is not the number of an option; these are 0 to 255"),
        ([(-1, b"")], "-1 is not the number of an option"),
        ([(254, 5)], "5 is not bytes, as an option by number needs"),
    ],
)
def test_tcp_options_that_would_be_lost(options: list[object], problem: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        check_options(TCP_FIELD, options)
    assert problem in refusal.value.problem


@pytest.mark.parametrize(
    "options",
    [
        [],
        [("message-type", "discover"), ("hostname", "pc"), "pad", "end"],
        [("router", "10.0.0.1", "10.0.0.2"), b"\x00raw", 255],
        [(12, b"pc")],
    ],
)
def test_dhcp_options_that_are_built(options: list[object]) -> None:
    check_options(DHCP_FIELD, options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["foo"], "'foo' is not a DHCP option"),
        ([("message-typ", 1)], 'did you mean "message-type"?'),
        ([300], "300 is not the number of an option"),
        ([None], "None is not an option; an option is a name, a pair such as"),
        ([()], "() is not an option"),
        ([(None, 1)], "is not an option"),
        ([1.5], "1.5 is not an option"),
    ],
)
def test_dhcp_options_that_would_be_lost(options: list[object], problem: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        check_options(DHCP_FIELD, options)
    assert problem in refusal.value.problem


@pytest.mark.parametrize("value", [None, "text", b"bytes"])
def test_what_is_no_list_is_none_of_its_business(value: object) -> None:
    check_options(TCP_FIELD, value)
    check_options(DHCP_FIELD, value)


def test_other_fields_are_none_of_its_business() -> None:
    check_options(TCP.fields_desc[0], [("FOO", 1)])


@pytest.mark.parametrize("field", [TCP_FIELD, DHCP_FIELD])
def test_a_number_is_no_list_of_options(field: object) -> None:
    with pytest.raises(RefusedError, match="5 is not a list of options"):
        check_options(field, 5)


def test_a_misspelt_dhcp_message() -> None:
    with pytest.raises(RefusedError, match="'discovr' is not a DHCP message; did you mean"):
        check_options(DHCP_FIELD, [("message-type", "discovr"), "end"])


@pytest.mark.parametrize(
    ("option", "plain"),
    [
        (("param_req_list", (1, 3)), ("param_req_list", [1, 3])),
        (("param_req_list", 1, 3), ("param_req_list", 1, 3)),
        (("router", ("192.0.2.1", "192.0.2.2")), ("router", "192.0.2.1", "192.0.2.2")),
        (("hostname", b"pc"), ("hostname", b"pc")),
        ("end", "end"),
    ],
)
def test_values_of_a_dhcp_option_may_stand_in_a_list_of_their_own(
    option: object, plain: object
) -> None:
    assert plain_options(DHCP_FIELD, [option]) == [plain]
    assert plain_options(TCP_FIELD, [option]) == [option]
