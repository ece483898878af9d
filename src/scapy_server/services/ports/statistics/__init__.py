"""What is counted, and how it is told: rates, flows, latency.

`meter` smooths rates as clients expect, `sequences` finds lost and repeated packets, `latency`
keeps the numbers of times, `flows` knows which flow has which marks. Time is an argument.
"""
