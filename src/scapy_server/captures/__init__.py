"""Captures: pcap and pcapng files, gzip around them, link types, and pace.

Nouns: a **capture** is a file of packets; a **link type** says how its first bytes are
read; **pace** is how far apart packets stand. `reading` refuses what is no capture, naming
packet and byte. Nothing here knows Scapy.
"""
