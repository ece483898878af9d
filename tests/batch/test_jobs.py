from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from scapy_server.batch.editor import Editor
from scapy_server.batch.jobs import Job, edit_file, edit_stream, jobs_of
from scapy_server.batch.recipe import Recipe
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import plain_record, write_records
from scapy_server.errors import RefusedError
from scapy_server.services.packets.core import Core
from tests.batch.packets import pcapng, records

RECIPE = Recipe(where="number in 5..9", sets=("IP.src=192.0.2.1",))


def test_a_capture_becomes_another_one(core: Core, trace: Path) -> None:
    target, told = trace.with_name("out.pcapng"), list[int]()
    outcome = edit_file(Job(str(trace), str(target), RECIPE), core, told.append)
    assert (outcome.packets, outcome.matched, outcome.changed, outcome.written) == (12, 5, 3, 12)
    assert (outcome.error, outcome.notes) == (None, ())
    before, after = read_capture(trace.read_bytes()), read_capture(target.read_bytes())
    assert [a == b for a, b in zip(before, after, strict=True)] == [
        record.number not in (6, 7, 9) for record in before
    ]
    assert sum(told) == trace.stat().st_size


def test_a_capture_may_become_itself(core: Core, trace: Path) -> None:
    edit_file(Job(str(trace), str(trace), RECIPE), core)
    assert read_capture(trace.read_bytes())[5].data[26:30] == bytes([192, 0, 2, 1])


def test_gzip_by_its_name(core: Core, trace: Path) -> None:
    packed = trace.with_name("packed.pcapng.gz")
    edit_file(Job(str(trace), str(packed), Recipe()), core)
    assert gzip.decompress(packed.read_bytes()) == trace.read_bytes()


@pytest.mark.parametrize("cut", [0, 3])
def test_nothing_is_written_where_something_is_wrong(core: Core, trace: Path, cut: int) -> None:
    job = Job(str(trace), str(trace.with_name("out.pcapng")), Recipe(sets=("IP.ttl=999",)))
    if cut:
        trace.write_bytes(trace.read_bytes()[:cut])
    with pytest.raises(RefusedError, match=r"trace\.pcapng"):
        edit_file(job, core)
    assert [path.name for path in trace.parent.iterdir()] == ["trace.pcapng"]


def test_a_damaged_end_is_kept_and_said(core: Core, trace: Path) -> None:
    data = trace.read_bytes()[:-30]
    trace.write_bytes(data)
    target = trace.with_name("out.pcapng")
    outcome = edit_file(Job(str(trace), str(target), Recipe()), core)
    assert target.read_bytes() == data
    assert outcome.packets in {11, 12}
    assert outcome.notes or read_capture(data)[-1].problem


def test_a_packet_that_the_end_cuts_is_written_as_it_is_and_said(
    core: Core, tmp_path: Path
) -> None:
    whole = write_records(
        [plain_record(0, data, ETHERNET) for data in (b"whole", b"cut at its end")]
    )
    source, target = tmp_path / "cut.pcap", tmp_path / "out.pcapng"
    source.write_bytes(whole[:-5])
    recipe = Recipe(sets=("@0=ff",))
    same = edit_file(Job(str(source), str(tmp_path / "out.pcap"), recipe), core)
    first, second = whole.index(b"whole"), whole.index(b"cut at")
    expected = bytearray(whole[:-5])
    expected[first] = expected[second] = 0xFF
    assert ((tmp_path / "out.pcap").read_bytes(), same.notes) == (bytes(expected), ())
    outcome = edit_file(Job(str(source), str(target), recipe), core)
    assert outcome.notes == (
        "1 packet: the capture holds fewer of its bytes than its record claims, and only these "
        "are written",
    )
    assert [record.data for record in read_capture(target.read_bytes())] == [
        b"\xffhole",
        b"\xffut at it",
    ]
    assert read_capture(target.read_bytes())[1].original_length == len(b"cut at its end")


def test_streams_are_edited_too(core: Core) -> None:
    written: list[bytes] = []
    editor = Editor(RECIPE, core)
    assert edit_stream(io.BytesIO(pcapng(core)), written.append, editor, ".hex") is None
    assert b"".join(written).count(b"\n") == 12
    written.clear()
    edit_stream(io.BytesIO(pcapng(core)), written.append, Editor(Recipe(), core), None, packed=True)
    assert gzip.decompress(b"".join(written)) == pcapng(core)


def test_a_directory_is_a_job_for_each_capture(core: Core, trace: Path) -> None:
    source, target = trace.parent, trace.parent.parent / "edited"
    (source / "deep").mkdir()
    (source / "deep" / "again.cap").write_bytes(trace.read_bytes())
    (source / "notes.txt").write_text("no capture")
    jobs, others = jobs_of(source, target, RECIPE, False, "run")
    assert [Path(job.target).relative_to(target.resolve()) for job in jobs] == [
        Path("deep/again.cap"),
        Path("trace.pcapng"),
    ]
    assert others == 1
    for job in jobs:
        edit_file(job, core)
    # the name says pcap, and the format is what it was
    assert (target / "deep" / "again.cap").read_bytes() == (target / "trace.pcapng").read_bytes()
    with pytest.raises(RefusedError, match="--force replaces it"):
        jobs_of(source, target, RECIPE, False, "run")
    assert len(jobs_of(source, target, RECIPE, True, "run")[0]) == 2


def test_directories_that_cannot_be_edited(core: Core, trace: Path) -> None:
    source = trace.parent
    with pytest.raises(RefusedError, match="would be read as well"):
        jobs_of(source, source / "out", RECIPE, False, "run")
    with pytest.raises(RefusedError, match="is no directory"):
        jobs_of(source, trace, RECIPE, False, "run")
    (source / "empty").mkdir()
    with pytest.raises(RefusedError, match="there is no capture"):
        jobs_of(source / "empty", source.parent / "out", RECIPE, False, "run")


@pytest.mark.parametrize("name", ["http.pcap", "netflowv9.pcap", "dot1q_nested.pcap", "ARP.pcap"])
def test_untouched_records_of_a_sample_keep_their_bytes(
    core: Core, tmp_path: Path, name: str
) -> None:
    sample = Path(__file__).parents[1] / "sample_captures" / name
    target = tmp_path / "out.pcap"
    edit_file(Job(str(sample), str(target), Recipe(where="number == 0", recompute=True)), core)
    assert target.read_bytes() == sample.read_bytes()
    edit_file(Job(str(sample), str(target), Recipe(recompute=True)), core)
    before, after = read_capture(sample.read_bytes()), read_capture(target.read_bytes())
    assert [record.data for record in before] == [record.data for record in after]
    assert len(records(core)) == 12
