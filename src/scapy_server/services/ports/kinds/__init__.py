"""The kinds of ports: what becomes of what is sent, and where what arrives comes from.

Each is a `plane.line.Line`. `loop` is a wire between two ports, `interface` a network
interface of this host, `pcap` a pair of capture files, `null` takes all and gives nothing.
`table` lists them, and reads how a port is named on the command line; `files` reads captures.
"""
