"""Profiles as files: read into the RPC's requests, written from them.

Nouns: an **entry** is a stream's JSON with its port, profile and number; a **document** is
the entries of a file, with the commands that follow them in an array of requests (`entries`).
`trex_profile` reads and writes the lists of streams that the engine's client saves, as JSON
or YAML; `requests_file` the RPC's requests; `capture_profile` makes streams of a capture as
the client's push_pcap does; `python_profile` writes the engine's Python profiles and has the
engine's own client library read them, in a process of its own (`python_process`). `files`
chooses by name and content. Whatever is wrong with a file is a RefusedError.

Source: docs/profiles.md, "Files".
"""
