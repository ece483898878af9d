"""The documented entry points: module and class names, options, and what they print."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scapy_server import Client
from tests.running import PATIENCE, environment, server_process, start

pytestmark = pytest.mark.processes

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]
BINARY = "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"

INTERPRETER = """
from scapy_zmq_server import *
s = Scapy_server(0, host="127.0.0.1")
s.activate()
print("and back")
"""


@pytest.mark.parametrize("option", ["-s", "-p", "--scapy-port"])
def test_server_by_command_line(option: str, tmp_path: Path) -> None:
    arguments = ["-m", "scapy_zmq_server", option, "0", "--host", "127.0.0.1", "-v", "-l"]
    with server_process(arguments, cwd=tmp_path) as server:
        assert server.lines == [
            "***Scapy Server Started***",
            f"Listening on port: {server.port}",
            "Server IP address: 127.0.0.1",
        ]
        if option == "-s":
            server.process.send_signal(signal.SIGINT)
            assert server.finish() == (0, "Server: Stopping\n", "")
        else:
            with Client(f"127.0.0.1:{server.port}", timeout=PATIENCE) as client:
                client.shut_down()
            status, out, err = server.finish()
            assert (status, err) == (0, "")
            assert out.splitlines()[-1] == "Server: Shut down by remote user"
        assert (tmp_path / "scapy_server.log").exists()


def test_server_by_file() -> None:
    file = Path(__file__).parents[1] / "src" / "scapy_zmq_server.py"
    result = subprocess.run(
        [sys.executable, str(file), "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=environment() | {"NO_COLOR": "1"},
    )
    assert "--scapy-port" in result.stdout
    assert "4507" in result.stdout


@pytest.mark.parametrize("number", [None, signal.SIGINT, signal.SIGTERM])
def test_server_in_the_interpreter(number: int | None) -> None:
    with server_process(["-c", INTERPRETER]) as server:
        assert server.lines[0] == "***Scapy Server Started***"
        word = "Shut down by remote user"
        if number is None:
            with Client(f"127.0.0.1:{server.port}", timeout=PATIENCE) as client:
                client.shut_down()
        else:
            server.process.send_signal(number)
            word = "Stopping"
        assert server.finish() == (0, f"Server: {word}\nand back\n", "")


def test_server_that_cannot_start() -> None:
    process = start(["-m", "scapy_zmq_server", "-s", "0", "--host", "999.1.1.1"])
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (1, "")
    assert err.startswith('scapy-server: cannot listen on host "999.1.1.1"')
    assert err.count("\n") == 1


def test_client(server_port: int) -> None:
    from scapy_zmq_client import ClientError, Scapy_server_wrapper  # noqa: PLC0415

    with Scapy_server_wrapper("127.0.0.1", server_port) as client:
        assert client.get_version()["version"] == "1.02"
        assert client.build_pkt(MODEL)["binary"] == BINARY
        everything = client.get_all()
        assert client.check_update(everything["db_md5"], everything["fields_md5"]) is True
        assert "ALL" in client.get_tree()
        methods = client.supported_methods("all")
        assert isinstance(methods, dict)
        assert methods["check_update"][0] == 2
        with pytest.raises(ClientError, match="DB is not up to date"):
            client.check_update("md5_of_protocol_db", "md5_of_fields")
    with Scapy_server_wrapper(dest="127.0.0.1", server_port=server_port) as client:
        assert client.supported_methods("build_pkt") is True


def test_client_of_the_default_server() -> None:
    from scapy_zmq_client import Scapy_server_wrapper  # noqa: PLC0415

    with Scapy_server_wrapper() as client:
        assert client._client._connection.endpoint == "tcp://localhost:4507"
    with Scapy_server_wrapper("::1", 1) as client:
        assert client._client._connection.endpoint == "tcp://[::1]:1"


def test_service_without_a_server() -> None:
    from scapy_service import Scapy_service, ScapyServerError  # noqa: PLC0415

    service = Scapy_service()
    packet = service.build_pkt(MODEL)
    assert packet["binary"] == BINARY
    assert packet["data"][2]["id"] == "TCP"
    assert service.build_pkt("gCpT7kGF+TG7Jmm90XmxdQ==", MODEL) == packet
    assert service.build_pkt(pkt_descriptor=MODEL) == packet
    assert base64.b64decode(service.get_template("TCP-SYN")).startswith(b"{")
    assert service.ping() == {}
    assert "build_pkt" in dir(service)
    with pytest.raises(ScapyServerError, match="layer 0"):
        service.build_pkt([{"id": "Nope"}])
    with pytest.raises(AttributeError, match="no method 'nope'"):
        service.nope()
    with pytest.raises(TypeError):
        service.build_pkt(MODEL, pkt_descriptor=MODEL)
