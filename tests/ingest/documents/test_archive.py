import gzip
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents import archive
from ingest.documents.archive import ArchiveError, extract
from ingest.documents.limits import Limits


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def tar_of(path: Path, *members: tarfile.TarInfo, content: bytes = b"text") -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return path


def test_plain_members_are_written_below_the_folder(tmp_path):
    out = tmp_path / "out"
    found = extract(zip_of(tmp_path / "a.zip", {"main.tex": b"a", "parts/one.tex": b"b"}), out)
    assert [path.relative_to(out).as_posix() for path in found] == ["main.tex", "parts/one.tex"]
    assert (out / "parts" / "one.tex").read_bytes() == b"b"
    found = extract(tar_of(tmp_path / "a.tar.gz", tarfile.TarInfo("./main.tex")), tmp_path / "tar")
    assert found[0].read_bytes() == b"text"


def test_a_single_file_in_gzip_is_latex(tmp_path):
    path = tmp_path / "2301.00001.gz"
    path.write_bytes(gzip.compress(b"\\documentclass{article}"))
    assert extract(path, tmp_path / "out")[0].read_bytes() == b"\\documentclass{article}"


def test_a_colon_is_a_letter_like_others_but_behind_a_drive(tmp_path):
    assert extract(zip_of(tmp_path / "a.zip", {"fig:one.tex": b"a"}), tmp_path / "out")[0].name == "fig:one.tex"


@pytest.mark.parametrize(
    "name", ["../evil.tex", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil", "a\\..\\..\\evil"]
)
def test_names_that_lead_outside_are_refused(tmp_path, name):
    folder = tmp_path / "in" / "out"
    for path in (zip_of(tmp_path / "a.zip", {name: b"x"}), tar_of(tmp_path / "a.tar.gz", tarfile.TarInfo(name))):
        with pytest.raises(ArchiveError, match="leads outside"):
            extract(path, folder)
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    member = tarfile.TarInfo("main.tex")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(ArchiveError, match="no plain file"):
        extract(tar_of(tmp_path / "a.tar.gz", member), tmp_path / "out")


def test_a_link_in_a_zip_is_refused(tmp_path):
    member = zipfile.ZipInfo("main.tex")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr(member, "/etc/passwd")
    with pytest.raises(ArchiveError, match="no plain file"):
        extract(tmp_path / "a.zip", tmp_path / "out")


def test_bombs_are_refused_before_they_are_large(tmp_path):
    same = b"a" * 30 * 1024**2
    bomb = tmp_path / "b.gz"
    bomb.write_bytes(gzip.compress(same))
    bombs = [
        zip_of(tmp_path / "a.zip", {"a.tex": same}),
        tar_of(tmp_path / "a.tar.gz", tarfile.TarInfo("a.tex"), content=same),
        bomb,
    ]
    for number, path in enumerate(bombs):
        with pytest.raises(ArchiveError, match="bomb"):
            extract(path, tmp_path / str(number))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.tex")) < 3 * 11 * 1024**2


def test_too_many_members_and_too_large_an_archive_are_refused(tmp_path, monkeypatch):
    path = zip_of(tmp_path / "a.zip", {f"{number}.tex": b"" for number in range(5)})
    with pytest.raises(ArchiveError, match="are too many"):
        extract(path, tmp_path / "out", Limits(file_bytes=10))
    monkeypatch.setattr(archive, "MOST_MEMBERS", 4)
    with pytest.raises(ArchiveError, match="too many members"):
        extract(path, tmp_path / "out")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200), st.sampled_from(["a.zip", "a.tar.gz", "a.tar", "a.gz"]), st.integers(0, 400), st.booleans()
)
def test_whatever_an_archive_holds_the_error_is_ours(tmp_path, noise, name, at, real):
    path = zip_of(tmp_path / name, {"main.tex": b"text" * 30}) if name == "a.zip" else tmp_path / name
    if name != "a.zip":
        tar_of(path, tarfile.TarInfo("main.tex"))
    content = path.read_bytes() if real else b""
    path.write_bytes(content[:at] + noise + content[at:])
    where = name
    try:
        extract(path, tmp_path / "out")
    except ArchiveError as error:
        where = error.where
    assert where == name
