from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.errors import RefusedError
from scapy_server.whole_files import check_free, clear_away, whole_file, write_whole


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.pcap"
    with whole_file(path, "run7") as file:
        file.write(b"half")
        assert not path.exists()
        assert ["run7" in part.name for part in tmp_path.iterdir()] == [True]
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_is_broken_off_leaves_what_was_there(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "out.pcap"
    path.write_bytes(b"before")

    def broken_off() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        broken_off()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_still_leads_to_the_file(tmp_path: Path) -> None:
    link, path = tmp_path / "link", tmp_path / "file"
    path.write_bytes(b"old")
    link.symlink_to(path)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


def test_a_device_is_written_as_it_is() -> None:
    write_whole(Path("/dev/null"), b"gone")
    assert not Path("/dev/null").is_file()


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="No such file"):
        write_whole(tmp_path / "no" / "out", b"")


def test_a_file_is_replaced_only_where_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "out"
    check_free(path, replace=False)
    path.touch()
    check_free(path, replace=True)
    with pytest.raises(RefusedError, match="--force replaces it"):
        check_free(path, replace=False)
    with pytest.raises(RefusedError, match="is a directory"):
        check_free(tmp_path, replace=True)


def test_what_a_killed_process_left_over_is_cleared_away(tmp_path: Path) -> None:
    ours, theirs = tmp_path / ".a[1].run1ffff.part", tmp_path / ".a[1].run2ffff.part"
    for part in (ours, theirs):
        part.touch()
    clear_away(tmp_path / "a[1]", "run1")
    assert list(tmp_path.iterdir()) == [theirs]
