"""The client against a real server, and against servers that answer nonsense."""

from __future__ import annotations

import base64
import inspect
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import zmq

import scapy_server
from scapy_server import Client, ClientError
from scapy_server.schema.programs import EngineResult
from scapy_server.schema.results import Failed
from scapy_server.services.packets.table import METHODS
from tests.running import PATIENCE, environment, server_in_thread
from tests.server import small

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]
FRAME = base64.b64decode("AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA")


@pytest.fixture(scope="module")
def client(server_port: int) -> Iterator[Client]:
    with Client(f"127.0.0.1:{server_port}", timeout=PATIENCE) as client:
        yield client


def test_it_has_a_method_for_each_method() -> None:
    for method in METHODS:
        assert inspect.isfunction(getattr(Client, method.name.replace(".", "_"))), method.name


def test_about(client: Client) -> None:
    assert client.ping() is None  # type: ignore[func-returns-value]
    version = client.get_version()
    handler = client.get_version_handler(*version.version.split("."))
    assert client.call("get_tree", handler) == client.get_tree()
    methods = client.supported_methods()
    assert isinstance(methods, dict)
    assert methods["ping"] == (0, [])
    assert client.supported_methods("nope") is False


def test_catalog(client: Client) -> None:
    databases = client.get_all()
    assert client.check_update(databases.db_md5, databases.fields_md5) is True
    assert client.check_update_of_dbs(databases.db_md5, databases.fields_md5) is True
    with pytest.raises(ClientError, match="Fields DB is not up to date") as caught:
        client.check_update("x", "y")
    assert caught.value.code == -32098
    assert caught.value.message == str(caught.value)
    definitions = client.get_definitions(iter(["TCP", "IP"]))
    assert [protocol.id for protocol in definitions.protocols] == ["TCP", "IP"]
    assert len(client.get_definitions().protocols) > 300
    assert "TCP" in client.get_payload_classes(MODEL[:2])


def test_packets(client: Client) -> None:
    packet = client.build_pkt(MODEL)
    assert packet.bytes == FRAME
    first, second = client.build_pkts([MODEL, [{"id": "Nope"}]])
    assert first == packet
    assert isinstance(second, Failed)
    assert second.error.code == -32098
    built = client.build_pkt_ex(tuple(MODEL), {"field_engine": {}})
    assert built.layers == packet.layers
    assert built.field_engine == EngineResult({"instructions": []}, None)
    assert client.reconstruct_pkt(FRAME) == client.dissect(FRAME) == packet
    nothing = client.reconstruct_pkt(FRAME, [{"id": "Ether", "delete": True}])
    assert (nothing.layers, nothing.bytes) == ([], b"")


def test_expressions(client: Client) -> None:
    assert client.read_expression("Ether()/IP(ttl=9)") == [
        {"id": "Ether", "fields": []},
        {"id": "IP", "fields": [{"id": "ttl", "value": 9}]},
    ]
    written = client.write_expression(FRAME)
    assert written.imports[0] == "from scapy.layers.inet import IP, TCP"
    rebuilt = client.build_pkt(client.read_expression(written.expression))
    assert rebuilt.bytes == FRAME
    triple, offsets = client.get_all_pkt_offsets("Ether()")
    assert triple == ["Success", 0, "None"]
    assert offsets["Ether()"][0] == ["dst", 0, 6]


def test_captures(client: Client) -> None:
    capture = client.write_pcap([FRAME, FRAME])
    assert capture.count(FRAME) == 2
    assert [packet.bytes for packet in client.read_pcap(capture)] == [
        FRAME,
        FRAME,
    ]


def test_captures_in_parts(client: Client) -> None:
    capture = client.write_pcap([FRAME, FRAME[:60], FRAME])
    page = client.read_pcap_page(capture, start=2, count=1)
    assert (page.total, page.next, [packet.number for packet in page.packets]) == (3, 3, [2])
    whole = client.read_pcap_page(capture, detail="bytes")
    assert client.write_pcap(whole.packets) == capture
    with pytest.raises(ClientError, match=r"start must be a whole number"):
        client.read_pcap_page(capture, start=-1)


def test_packets_that_begin_with_something_else(client: Client) -> None:
    packet = client.build("IP()/TCP()", link_type="RAW")
    assert (packet.bytes, packet.layers[0].valid_structure) == (FRAME[14:], True)
    assert client.dissect(FRAME[14:], link_type=101).layers == packet.layers
    page = client.read_pcap_page(client.write_pcap([packet.bytes], link_type="RAW"))
    assert page.packets[0].link_type == 101


def test_templates(client: Client) -> None:
    ids = [template.id for template in client.get_templates()]
    assert json.loads(client.get_template(ids[0]))["fileType"] == "trex-packet-editor"


def test_any_call(client: Client) -> None:
    assert client.call("get_template", id="TCP-SYN") == client.call("get_template", "TCP-SYN")
    with pytest.raises(ClientError, match=r"^Method not found$") as caught:
        client.call("nope")
    assert caught.value.code == -32601
    with pytest.raises(TypeError):
        client.call("build_pkt", MODEL, pkt_descriptor=MODEL)


def test_large_messages(client: Client) -> None:
    assert len(client.write_pcap([bytes(60_000)] * 100)) == 24 + 100 * 60_016


def test_shut_down() -> None:
    with server_in_thread(small.LOAD) as (port, lines):
        with Client(f"127.0.0.1:{port}", timeout=PATIENCE) as client:
            assert client.shut_down() == "Server is shutting down"
        lines.wait_for("Server: Shut down by remote user")


@contextmanager
def answering(reply: bytes) -> Iterator[Client]:
    """A client of a server that knows one reply."""
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        port = server.bind_to_random_port("tcp://127.0.0.1")

        def answer() -> None:
            server.recv()
            server.send(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        with Client(f"127.0.0.1:{port}", timeout=PATIENCE) as client:
            yield client
            thread.join()


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (b"", None, "not JSON-RPC"),
        (b"\xff", None, "not JSON-RPC"),
        (b"[]", None, "not JSON-RPC"),
        (b"[" * 100_000, None, "not JSON-RPC"),
        (b"{}", None, "does not belong"),
        (b'{"jsonrpc":"2.0","id":99,"result":1}', None, "does not belong"),
        (b'{"jsonrpc":"2.0","id":1}', None, "does not belong"),
        (b'{"id":1,"error":{"code":-32098,"message":"no"}}', -32098, "no"),
        (b'{"id":null,"error":{"code":-32700,"message":"Parse Error"}}', -32700, "Parse Error"),
        (b'{"id":1,"error":{"code":"x"}}', None, "None"),
    ],
)
def test_strange_replies(reply: bytes, code: int | None, said: str) -> None:
    with answering(reply) as client:
        with pytest.raises(ClientError, match=said) as caught:
            client.call("ping")
        assert caught.value.code == code


@pytest.mark.parametrize("result", [b"5", b'"!"', b"null"])
def test_results_that_are_not_base64(result: bytes) -> None:
    with (
        answering(b'{"jsonrpc":"2.0","id":1,"result":' + result + b"}") as client,
        pytest.raises(ClientError, match="the answer to write_pcap is not that of a Scapy server"),
    ):
        client.write_pcap([])


def test_older_servers_that_send_an_empty_error_member() -> None:
    with answering(b'{"jsonrpc":"2.0","id":1,"result":5,"error":null}') as client:
        assert client.call("x") == 5


def test_the_package_is_imported_without_scapy() -> None:
    program = (
        "import sys, scapy_server; assert 'zmq' not in sys.modules; "
        "scapy_server.Client; assert 'scapy' not in sys.modules; assert 'zmq' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=environment())


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        scapy_server.Nope  # noqa: B018
