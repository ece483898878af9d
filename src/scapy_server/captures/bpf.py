"""Filters in the language of libpcap, compiled and run by it.

libpcap looks names of hosts, networks and services up, which no request may make this host
do; so words are only let through that are the language's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import cypcap

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET, RAW_IP

Filter = Callable[[bytes], bool]
_LONGEST = 65_535
#: What libpcap calls link types that are other numbers in captures than in its own interface.
#: Source: tcpdump.org, "Link-Layer Header Types", the DLT column.
_RAW, _ATM = 12, 11
_LIBPCAP_NUMBERS = {100: _ATM, **dict.fromkeys(RAW_IP, _RAW)}
_WORD = re.compile(r"0[xX][0-9a-fA-F]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*|[A-Za-z][A-Za-z0-9_-]*")
_LANGUAGE = """
    and or not len src dst host net port portrange gateway proto protochain ether link mask ip
    arp rarp ip6 tcp udp icmp icmp6 sctp igmp igrp pim vrrp carp ah esp vlan mpls pppoes
    pppoed geneve vxlan broadcast multicast less greater inbound outbound ifindex ra ta
    addr1 addr2 addr3 addr4 iso clnp esis isis stp ipx netbeui lat moprc mopdl aarp decnet
    atalk sca fddi tr wlan llc type subtype dir tcpflags icmptype icmpcode icmp6type
    icmp6code tcp-fin tcp-syn tcp-rst tcp-push tcp-ack tcp-urg tcp-ece tcp-cwr
    icmp-echoreply icmp-unreach icmp-sourcequench icmp-redirect icmp-echo icmp-routeradvert
    icmp-routersolicit icmp-timxceed icmp-paramprob icmp-tstamp icmp-tstampreply icmp-ireq
    icmp-ireqreply icmp-maskreq icmp-maskreply icmp6-destinationrunreach icmp6-packettoobig
    icmp6-timeexceeded icmp6-parameterproblem icmp6-echo icmp6-echoreply
    icmp6-multicastlistenerquery icmp6-multicastlistenerreportv1 icmp6-multicastlistenerdone
    icmp6-routersolicit icmp6-routeradvert icmp6-neighborsolicit icmp6-neighboradvert
    icmp6-redirect
"""
_WORDS = frozenset(_LANGUAGE.split())


class NotAFilter(ValueError):
    """The text is no filter that libpcap knows, or that it may be asked for.

    `reason` says why, in words that follow a colon.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text)
        self.reason = reason


def compiled(text: str, link_type: int = ETHERNET) -> Filter | None:
    """What a filter lets through of frames of a link type; None lets all through.

    Raises NotAFilter.
    """
    if not text.strip():
        return None
    if len(text) > limits.FILTER_CHARACTERS or "\0" in text:
        most = int(limits.FILTER_CHARACTERS)
        raise NotAFilter(text[:60], f"it has at most {most} characters, none of them NUL")
    for word in _WORD.findall(text):
        if word[0].isalpha() and ":" not in word and word not in _WORDS:
            raise NotAFilter(
                text, f"{word!r} is no word of its language, and names are not looked up"
            )
    try:
        program = cypcap.compile(
            _LIBPCAP_NUMBERS.get(link_type, link_type), _LONGEST, text, True, cypcap.NETMASK_UNKNOWN
        )
    except (cypcap.Error, ValueError, UnicodeError) as error:
        reason = str(error.args[-1]) if error.args else "it cannot be compiled"
        raise NotAFilter(text, reason.removeprefix("can't parse filter expression: ")) from error
    return lambda frame: bool(
        program.offline_filter(cypcap.Pkthdr(0, len(frame), len(frame)), frame)
    )
