"""The Python client: one method per RPC method, over one ZeroMQ connection.

`Client` and, for an event loop, `AsyncClient` have the same methods; `calls` says of each
what is asked and how the answer is read, as the types of `schema`. A `Packet` is what they
hand out. They know nothing of the server but these types and its error codes. Every
failure is a `ClientError`: with the code of an error reply, or with None when there
was no (usable) reply.
"""

from scapy_server.client.async_client import AsyncClient
from scapy_server.client.client import Client
from scapy_server.client.connection import ClientError
from scapy_server.client.packet import Packet

__all__ = ["AsyncClient", "Client", "ClientError", "Packet"]
