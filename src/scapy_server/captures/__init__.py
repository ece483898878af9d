"""Captures: files of packets, read and written record by record, in constant memory.

Nouns: a **capture** is a file of packets (pcap and its variants, pcapng, ERF, each also in
gzip); a **record** is a packet as the file has it, with time, lengths, link type, interface
and comment; **pieces** are all bytes of a file, packets and what is between them; a **link
type** says how a packet's first bytes are read; **pace** is how far apart packets stand.

`reading` gives records, `writing` takes them, `editing` copies a capture and changes some of
its packets while it is read, `copying` those that were edited since; each format is a module
(`pcap`, `pcapng`, `erf`), `layouts` has every magic number and header once. Those who read
never refuse a capture for one bad packet: it comes with its `problem`. Nothing here knows
Scapy; only `pace` computes with NumPy.
"""
