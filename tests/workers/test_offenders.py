from __future__ import annotations

from scapy_server import limits
from scapy_server.transport.job import Job
from scapy_server.workers.offenders import Offenders
from tests.transport.jobs import job as job_of


def job(number: int, request_id: int = 1) -> Job:
    request = b'{"jsonrpc":"2.0","id":%d,"method":"build_pkt","params":[%d]}' % (request_id, number)
    return job_of(request=request)


def test_the_first_offence_is_free() -> None:
    offenders = Offenders()
    assert not offenders.refuses(job(1), 0.0)
    offenders.again(job(1), 0.0)
    assert not offenders.refuses(job(1), 0.0)
    offenders.again(job(1, request_id=2), 0.0)
    assert offenders.refuses(job(1, request_id=3), 0.0)
    assert not offenders.refuses(job(2), 0.0)


def test_a_verdict_at_once() -> None:
    offenders = Offenders()
    offenders.at_once(job(1), 0.0)
    assert offenders.refuses(job(1), limits.REFUSED_SECONDS)


def test_it_is_forgotten_in_time() -> None:
    offenders = Offenders()
    offenders.at_once(job(1), 0.0)
    assert not offenders.refuses(job(1), limits.REFUSED_SECONDS + 1)
    assert not offenders.refuses(job(1), 0.0)


def test_only_so_many_are_remembered() -> None:
    offenders = Offenders()
    for number in range(limits.REMEMBERED_OFFENDERS + 1):
        offenders.at_once(job(number), 0.0)
    assert not offenders.refuses(job(0), 0.0)
    assert offenders.refuses(job(1), 0.0)
    assert offenders.refuses(job(limits.REMEMBERED_OFFENDERS), 0.0)
