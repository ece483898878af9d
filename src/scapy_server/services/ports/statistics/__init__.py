"""What is counted, and how it is told: rates, sequences, latency.

`meter` smooths rates as clients expect, `sequences` finds lost and repeated packets, `latency`
keeps the numbers of times. Time is an argument.
"""
