"""The Python client: one method per RPC method, over one ZeroMQ connection.

`Client` speaks to the wire and knows nothing of the server but its error codes. Every
failure is a `ClientError`: with the code of an error reply, or with None when there
was no (usable) reply.
"""

from scapy_server.client.client import Client
from scapy_server.client.connection import ClientError

__all__ = ["Client", "ClientError"]
