"""What ports have sent and received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.plane.counters import Counter, Rate
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.state.port import Port

#: Names of extended statistics, and what each one counts: None is what never happens here.
EXTENDED: Mapping[str, Counter | None] = {
    "rx_good_packets": Counter.RECEIVED,
    "tx_good_packets": Counter.SENT,
    "rx_good_bytes": Counter.RECEIVED_BYTES,
    "tx_good_bytes": Counter.SENT_BYTES,
    "rx_missed_errors": Counter.RECEIVE_ERRORS,
    "rx_errors": None,
    "tx_errors": Counter.SEND_ERRORS,
    "rx_mbuf_allocation_errors": None,
    "tx_lost_on_wire": Counter.LOST_ON_WIRE,
    "tx_late_shifts": Counter.LATE_SHIFTS,
    "tx_late_nanoseconds": Counter.LATE_NANOSECONDS,
    "tx_worst_late_nanoseconds": Counter.WORST_NANOSECONDS,
}
#: What software ports do not have, and clients format all the same.
_NAMES = """
    rx_core_pps tx_cps tx_expected_cps tx_expected_pps tx_expected_bps total_alloc_error
    total_queue_full total_queue_drop active_flows open_flows total_clients total_servers
    active_sockets socket_util total_nat_time_out total_nat_time_out_wait_ack
    total_nat_no_fid total_nat_active total_nat_syn_wait total_nat_open
    total_nat_learn_error
"""
_ABSENT = _NAMES.split()
_DROP_SHARE = 0.1
_MBUF_SIZES = ("64b", "128b", "256b", "512b", "1024b", "2048b", "4096b", "9kb")
_MBUFS = 1_000_000


def port_counters(control: Control, port: Port) -> dict[str, int]:
    """The counters of a port by their names in lower case."""
    link = control.links[port.number]
    row = link.counters.ports[list(link.numbers).index(port.number)]
    return {counter.name.lower(): int(row[counter]) for counter in Counter}


def port_rates(control: Control, port: Port) -> dict[str, float]:
    """The rates of a port by their names in lower case."""
    link = control.links[port.number]
    row = link.counters.rates[list(link.numbers).index(port.number)]
    return {rate.name.lower(): float(row[rate]) for rate in Rate}


def _get_port_stats(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    counted, rates = port_counters(control, port), port_rates(control, port)
    return {
        "opackets": counted["sent"],
        "obytes": counted["sent_bytes"],
        "ipackets": counted["received"],
        "ibytes": counted["received_bytes"],
        "oerrors": counted["send_errors"],
        "ierrors": counted["receive_errors"],
        "m_total_tx_bps": rates["tx_bps"],
        "m_total_tx_pps": rates["tx_pps"],
        "m_total_rx_bps": rates["rx_bps"],
        "m_total_rx_pps": rates["rx_pps"],
        "m_cpu_util": control.load_of(port),
    }


def _get_global_stats(control: Control, fields: Fields) -> dict[str, Any]:
    ports = list(control.ports.values())
    counted = [port_counters(control, port) for port in ports]
    rates = [port_rates(control, port) for port in ports]
    total = {name: sum(each[name] for each in rates) for name in rates[0]}
    lost = total["tx_bps"] - total["rx_bps"]
    busy = max(map(control.load_of, ports))
    threads = max(1, len({id(link) for link in control.links.values()}))
    return {
        **{f"m_{name}": 0 for name in _ABSENT},
        "m_cpu_util": busy,
        "m_cpu_util_raw": busy,
        "m_rx_cpu_util": 0.0,
        "m_bw_per_core": 2 * total["tx_bps"] / 1e9 * 100 / (busy * threads) if busy else 0.0,
        "m_platform_factor": 1.0,
        "m_tx_bps": total["tx_bps"],
        "m_rx_bps": total["rx_bps"],
        "m_tx_pps": total["tx_pps"],
        "m_rx_pps": total["rx_pps"],
        "m_rx_drop_bps": lost if lost >= _DROP_SHARE * total["tx_bps"] else 0.0,
        "m_total_tx_pkts": sum(each["sent"] for each in counted),
        "m_total_rx_pkts": sum(each["received"] for each in counted),
        "m_total_tx_bytes": sum(each["sent_bytes"] for each in counted),
        "m_total_rx_bytes": sum(each["received_bytes"] for each in counted),
    }


def _get_port_xstats_names(control: Control, fields: Fields) -> dict[str, Any]:
    control.port_of(fields)
    return {"xstats_names": list(EXTENDED)}


def _get_port_xstats_values(control: Control, fields: Fields) -> dict[str, Any]:
    counted = port_counters(control, control.port_of(fields))
    values = [0 if each is None else counted[each.name.lower()] for each in EXTENDED.values()]
    return {"xstats_values": values}


def _get_utilization(control: Control, fields: Fields) -> dict[str, Any]:
    """A data plane is a core, with the two ports that it serves."""
    cores = []
    for link in {id(link): link for link in control.links.values()}.values():
        served = [*link.numbers, -1, -1][:2]
        cores.append({"history": [round(load) for load in link.counters.loads], "ports": served})
    pools = {size: [_MBUFS, _MBUFS] for size in _MBUF_SIZES}
    return {"cpu": cores, "mbuf_stats": {"cpu-socket-0": pools}}


METHODS = (
    Method("get_global_stats", _get_global_stats, "counters of all ports", Part.COMMON),
    Method("get_port_stats", _get_port_stats, "counters of a port", Part.COMMON),
    Method("get_port_xstats_names", _get_port_xstats_names, "more counters", Part.COMMON),
    Method("get_port_xstats_values", _get_port_xstats_values, "their values", Part.COMMON),
    Method("get_utilization", _get_utilization, "how busy data planes are", Part.COMMON),
)
