"""Profiles from files and into files, by content and by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from scapy_server import limits
from scapy_server.errors import RefusedError, located
from scapy_server.streams.documents.entries import ProfileDocument
from scapy_server.streams.documents.python_profile import write_python_profile
from scapy_server.streams.documents.requests_file import is_requests, read_requests
from scapy_server.streams.documents.trex_profile import (
    is_profile,
    read_profile,
    unnamed,
    write_profile,
)
from scapy_server.streams.profile import DEFAULT_PROFILE

YAML_ENDINGS = (".yaml", ".yml")


def read_document(path: Path) -> ProfileDocument:
    """The profile of a JSON or YAML file; raises RefusedError."""
    try:
        limits.SOURCE_BYTES.check(path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from None
    with located(str(path)):
        return document_of(parsed(data, path.suffix.lower() in YAML_ENDINGS))


def parsed(data: bytes, is_yaml: bool) -> Any:
    """What a JSON or YAML text holds; raises RefusedError."""
    if not is_yaml:
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            raise RefusedError(f"this is not JSON: {error}") from None
    try:
        return yaml.load(data, yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError, ValueError) as error:
        raise RefusedError(f"this is not YAML: {' '.join(str(error).split())}") from None


def document_of(content: Any) -> ProfileDocument:
    """The profile that a document holds; raises RefusedError."""
    if is_requests(content):
        return read_requests(content)
    if is_profile(content):
        return read_profile(content)
    raise RefusedError("this is neither a list of streams nor an array of requests")


def losses(document: ProfileDocument, ending: str) -> list[str]:
    """What a file of that ending will not hold of a document, a sentence each."""
    if ending == ".json" and (document.commands or not document.single_profile):
        return []
    found = []
    if document.commands:
        found.append(f"the {len(document.commands)} requests that start and change traffic")
    elsewhere = {(e.port, e.profile) for e in document.entries} - {(0, DEFAULT_PROFILE)}
    if elsewhere:
        port, profile = min(elsewhere)
        found.append(f"that its streams are of profile {profile} of port {port}")
    found += unnamed(document.entries)
    return found


def written(document: ProfileDocument, ending: str) -> bytes:
    """The text of a profile for a file of that ending: .json, .yaml or .py.

    JSON is the list of streams that the engine's client loads, or an array of requests where
    there are several ports or profiles, or commands. Raises RefusedError for what a form
    cannot hold.
    """
    if ending == ".json":
        alone = document.single_profile and not document.commands
        content: Any = write_profile(document) if alone else document.requests
        return msgspec.json.format(msgspec.json.encode(content)) + b"\n"
    if ending in YAML_ENDINGS:
        text = yaml.dump(write_profile(document), Dumper=yaml.SafeDumper, sort_keys=False)
        return text.encode()
    if ending == ".py":
        return write_python_profile(document).encode()
    raise RefusedError(f"profiles are written as .json, .yaml or .py, not {ending or 'nothing'}")
