"""What this release is, and the constants that both ends of the wire agree on.

The build date and time belong to the release, not to the moment of an installation, so
that every copy of a release answers `get_version` alike.
"""

from __future__ import annotations

#: The version of the distribution; pyproject.toml says the same (checked by a test).
VERSION = "1.0.0.dev0"
BUILT_BY = "scapy-server"
BUILD_DATE = "Nov 21 2026"
BUILD_TIME = "12:00:00"

#: The version of the RPC protocol that `get_version` reports. Clients split it at the
#: dot and send the parts back to `get_version_handler`.
PROTOCOL_VERSION = "1.02"

#: The TCP port of the documents.
DEFAULT_PORT = 4507
