from scapy_server.catalog.tree import PROTOCOL_TREE


def test_the_documented_answer() -> None:
    transport = {"RAW": "payload"}
    expected = {"ALL": {"Ether": {"ARP": {}, "IP": {"TCP": transport, "UDP": transport}}}}
    assert expected == PROTOCOL_TREE
