"""Processes that run the methods of a service: forked, watched, and replaced.

Nouns: a **worker** answers one request after the other; the **zygote** has loaded the
service and forks workers; the **pool** gives each job to a worker and sees to what becomes
of both.
"""
