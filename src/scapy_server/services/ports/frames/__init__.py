"""Frames as the ports look at them.

`headers` finds the layers, `stamps` the header at the end of latency packets, `replies` answers
ARP, ICMP and neighbour questions, `filters` says what reaches the receive side.
All work on bytes alone, and none may fail on any frame.
"""
