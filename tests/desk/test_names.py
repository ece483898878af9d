from __future__ import annotations

from typing import Any

import pytest

from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import field_rows, find_field, find_layer, find_row, layer_names

LAYERS: list[dict[str, Any]] = [
    {"id": "Ether", "fields": []},
    {"id": "IP", "fields": [{"id": "ttl", "value": 64, "hvalue": "64"}]},
    {"id": "IP", "fields": [{"id": "ttl", "value": 5, "hvalue": "5", "ignored": True}]},
    {"id": "gtp_v2.IE_Cause", "fields": []},
]


def test_layer_names() -> None:
    names = layer_names(LAYERS)
    assert names == ["Ether", "IP", "IP:1", "gtp_v2.IE_Cause"]
    assert [find_layer(LAYERS, name) for name in names] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("reference", "index"),
    [("Ether", 0), ("IP", 1), ("IP:0", 1), ("IP:1", 2), (" IP:01 ", 2), ("gtp_v2.IE_Cause", 3)],
)
def test_find_layer(reference: str, index: int) -> None:
    assert find_layer(LAYERS, reference) == index


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("TCP", "no layer 'TCP'; it has Ether, IP, gtp_v2.IE_Cause"),
        ("Eher", "did you mean Ether"),
        ("IP:2", "2 IP, IP:0 to IP:1"),
        ("IP:x", "write IP, or IP:1"),
        ("IP:", "write IP, or IP:1"),
        ("IP:²", "write IP, or IP:1"),
        ("IP:9999999", "write IP, or IP:1"),
        ("", "no layer ''"),
    ],
)
def test_layers_that_are_not_there(reference: str, said: str) -> None:
    with pytest.raises(DeskError, match=said):
        find_layer(LAYERS, reference)


def test_find_field() -> None:
    assert find_field(LAYERS, "IP.ttl") == (1, "ttl")
    assert find_field(LAYERS, "IP:1.ttl") == (2, "ttl")
    assert find_field(LAYERS, "gtp_v2.IE_Cause.length") == (3, "length")
    for reference in ("IP", "IP.", ".ttl", ""):
        with pytest.raises(DeskError, match="is not a field"):
            find_field(LAYERS, reference)


def test_paths_of_parts_name_a_field_of_their_layer() -> None:
    layers = [{"id": "DNS"}, {"id": "a.B"}]
    assert find_field(layers, "DNS.qd[0].qname") == (0, "qd[0].qname")
    assert find_field(layers, "a.B.x.y") == (1, "x.y")


def test_rows_go_down_to_the_last_part() -> None:
    tree = [
        {
            "id": "TCP",
            "offset": 34,
            "fields": [
                {"id": "sport", "value": 1, "hvalue": "1", "bit_offset": 0, "bit_length": 16},
                {
                    "id": "options",
                    "value": [],
                    "hvalue": "[]",
                    "bit_offset": 160,
                    "bit_length": 32,
                    "parts": [
                        {
                            "id": "[0]",
                            "name": "MSS",
                            "bit_offset": 160,
                            "bit_length": 32,
                            "fields": [
                                {"id": "value", "value": 9, "bit_offset": 176, "bit_length": 16}
                            ],
                        }
                    ],
                },
                {"id": "gone", "value": 0, "ignored": True, "bit_offset": 0, "bit_length": 0},
                {"id": "hidden", "value": 0, "unplaced": True, "bit_offset": 0, "bit_length": 0},
            ],
        }
    ]
    rows = [(row.path, row.depth, row.bit_offset, row.has_value) for row in field_rows(tree)]
    assert rows == [
        ("TCP.sport", 0, 272, True),
        ("TCP.options", 0, 432, True),
        ("TCP.options[0]", 1, 432, False),
        ("TCP.options[0].value", 2, 448, True),
        ("TCP.gone", 0, None, True),
        ("TCP.hidden", 0, None, True),
    ]


def test_a_row_is_found_by_its_path() -> None:
    ttl = {"id": "ttl", "value": 64, "hvalue": "64", "bit_offset": 64, "bit_length": 8}
    layers = [
        {"id": "Ether", "offset": 0, "fields": []},
        {"id": "IP", "offset": 14, "fields": [ttl]},
    ]
    assert find_row(layers, "IP.ttl").bit_offset == 8 * 22
    with pytest.raises(DeskError, match=r"the packet has no field IP\.tos"):
        find_row(layers, "IP.tos")


#: An attribute of BGP: a field that holds one packet, in an element of a list.
NESTED: list[dict[str, Any]] = [
    {
        "id": "BGPUpdate",
        "offset": 0,
        "fields": [
            {
                "id": "path_attr",
                "value": {"vtype": "EXPRESSION", "expr": "[BGPPathAttr()]"},
                "hvalue": "[BGPPathAttr()]",
                "parts": [
                    {
                        "id": "[0]",
                        "layer": "BGPPathAttr",
                        "fields": [
                            {
                                "id": "attribute",
                                "value": {"vtype": "EXPRESSION", "expr": "BGPPAOrigin()"},
                                "hvalue": "BGPPAOrigin()",
                                "parts": [
                                    {
                                        "id": "[0]",
                                        "layer": "BGPPAOrigin",
                                        "fields": [{"id": "origin", "value": 0, "hvalue": "IGP"}],
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }
]


def test_the_only_packet_of_a_field_needs_no_number() -> None:
    (row,) = (row for row in field_rows(NESTED) if row.path.endswith("origin"))
    assert row.path == "BGPUpdate.path_attr[0].attribute[0].origin"
    assert find_row(NESTED, "BGPUpdate.path_attr[0].attribute.origin") == row
    assert find_row(NESTED, "BGPUpdate.path_attr[0].attribute").field["id"] == "attribute"
    with pytest.raises(DeskError, match="has no field"):
        find_row(NESTED, "BGPUpdate.path_attr.attribute.origin")


def test_a_row_says_where_its_field_is_defined() -> None:
    assert [(row.path.rpartition(".")[2], row.defined_in) for row in field_rows(NESTED)] == [
        ("path_attr", "BGPUpdate"),
        ("path_attr[0]", ""),
        ("attribute", "BGPPathAttr"),
        ("attribute[0]", ""),
        ("origin", "BGPPAOrigin"),
    ]
