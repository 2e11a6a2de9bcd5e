"""Bundles made to hurt whoever checks them, and what an auditor may know besides."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from edge.evidence.canonical import canonical, parsed
from edge.evidence.choosing import Wanted
from edge.evidence.container import MOST_FILES
from edge.evidence.problems import EvidenceRefused
from edge.evidence.report import Pins
from edge.evidence.verify import verify
from tests.support.chained import Box, two_cases
from tests.support.zipped import packed, unpacked


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return two_cases(tmp_path / "storage")


@pytest.fixture
def bundle(box: Box, tmp_path: Path) -> Path:
    box.export(tmp_path / "a.zip", Wanted(("a",)))
    return tmp_path / "a.zip"


def container_fault(path: Path) -> str:
    (finding,) = verify(path, Pins()).findings
    assert finding.fault.value == "container"
    return finding.detail.en


def test_a_bomb_is_refused_before_a_byte_of_it_is_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("items/zeros", bytes(50_000_000))
    assert bomb.stat().st_size < 100_000
    assert "compressed" in container_fault(bomb)


def test_files_that_overlap_are_refused(bundle: Path) -> None:
    """A zip that is larger inside than outside: two records of the directory for one file."""
    data = bytearray(bundle.read_bytes())
    big = packed({"x": bytes(1_000_000)})
    end = big.rindex(b"PK\5\6")
    record = big[big.index(b"PK\1\2") : end]
    tail = bytearray(big[end:])
    struct.pack_into("<HHI", tail, 8, 50, 50, 50 * len(record))
    bundle.write_bytes(big[: big.index(b"PK\1\2")] + record * 50 + tail)
    assert "overlap" in container_fault(bundle)
    assert data


def test_more_files_than_a_bundle_holds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MOST_FILES + 1):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    assert "claims to hold" in container_fault(path)


def test_a_list_that_claims_a_million_entries_costs_nothing(bundle: Path) -> None:
    files = unpacked(bundle)
    told = parsed(files["bundle.json"])
    told["ranges"] = [[1, 2**52]]
    bundle.write_bytes(packed({**files, "bundle.json": canonical(told)}))
    assert ("changed", "bundle.json") in {(f.fault.value, f.what) for f in verify(bundle, Pins()).findings}


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "items/../../evil", "C:\\evil", "items/a\nb"])
def test_a_name_that_leads_elsewhere_is_told_and_written_nowhere(
    bundle: Path, name: str, tmp_path: Path
) -> None:
    before = set(tmp_path.rglob("*"))
    bundle.write_bytes(packed({**unpacked(bundle), name: b"evil"}))
    report = verify(bundle, Pins())
    (finding,) = report.findings
    assert (finding.fault.value, finding.what) == ("inserted", name)
    assert "\n" not in finding.say("en")
    assert set(tmp_path.rglob("*")) == before


def test_a_link_in_a_folder_is_not_followed(box: Box, tmp_path: Path) -> None:
    box.export(tmp_path / "folder", Wanted(("a",)))
    picture = tmp_path / "folder/items/gate/2026/05/01/a.jpg"
    elsewhere = tmp_path / "elsewhere.jpg"
    picture.rename(elsewhere)
    picture.symlink_to(elsewhere)
    assert ("missing", "items/gate/2026/05/01/a.jpg") in {
        (each.fault.value, each.what) for each in verify(tmp_path / "folder", Pins()).findings
    }


def test_a_link_in_the_storage_is_not_followed(box: Box, tmp_path: Path) -> None:
    """Neither when it is checked nor when it is exported."""
    picture = box.storage / "evidence/gate/2026/05/01/a.jpg"
    elsewhere = tmp_path / "elsewhere.jpg"
    picture.rename(elsewhere)
    picture.symlink_to(elsewhere)
    assert [each.what for each in verify(box.storage, Pins()).findings] == ["items/gate/2026/05/01/a.jpg"]
    made = box.export(tmp_path / "a.zip", Wanted(("a",)))
    assert made.missing == ("items/gate/2026/05/01/a.jpg",)


def test_a_folder_is_checked_like_a_zip(box: Box, tmp_path: Path) -> None:
    box.export(tmp_path / "folder", Wanted(("a",)))
    assert verify(tmp_path / "folder", Pins()).unchanged
    page = tmp_path / "folder/index.html"
    page.write_text(page.read_text().replace("gate", "yard"))
    assert [(f.fault.value, f.what) for f in verify(tmp_path / "folder", Pins()).findings] == [
        ("changed", "index.html")
    ]


def test_a_zip_that_was_packed_again_is_told(bundle: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(again, "w") as archive:
        for name, data in unpacked(bundle).items():
            archive.writestr(name, data)
    assert {each.fault.value for each in verify(again, Pins()).findings} == {"container"}


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceRefused, match="nothing"):
        verify(tmp_path / "nothing.zip", Pins())
    (tmp_path / "empty").mkdir()
    assert not verify(tmp_path / "empty", Pins()).unchanged
    (tmp_path / "text.zip").write_text("a letter")
    assert not verify(tmp_path / "text.zip", Pins()).unchanged


def test_names_and_words_cannot_put_anything_into_the_page(tmp_path: Path) -> None:
    box = Box(tmp_path / "storage")
    evil = '"><script>alert(1)<script>'
    box.told(box.event(f"case{evil}", 0, {"gate/x & y's.jpg": b"picture"}))
    box.export(tmp_path / "a.zip", Wanted((f"case{evil}",)))
    page = unpacked(tmp_path / "a.zip")["index.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page
    assert "https://" not in page
    assert 'src="items/gate/x%20%26%20y%27s.jpg"' in page


def test_the_page_shows_pictures_and_says_it_in_both_languages(bundle: Path) -> None:
    page = unpacked(bundle)["index.html"].decode()
    for said in (
        '<img src="items/gate/2026/05/01/a.jpg"',
        '<video src="items/gate/2026/05/01/a.mp4"',
        "证据包 Evidence bundle",
        "vehicle.zone",
        "公钥指纹 Key fingerprint",
    ):
        assert said in page
    assert "b.jpg" not in page  # another case's


def test_other_cases_stay_closed(bundle: Path) -> None:
    files = unpacked(bundle)
    assert b"yard" not in files["chain.jsonl"]
    assert b"b.jpg" not in b"".join(files.values())


def test_by_time_everything_of_it_goes_in(box: Box, tmp_path: Path) -> None:
    box.export(tmp_path / "all.zip", Wanted(since=0))
    files = unpacked(tmp_path / "all.zip")
    assert {name for name in files if name.startswith("items/")} == {
        "items/gate/2026/05/01/a.jpg",
        "items/gate/2026/05/01/a.mp4",
        "items/yard/2026/05/01/b.jpg",
        "items/gate/2026/05/01/c.jpg",
    }
    assert verify(tmp_path / "all.zip", Pins()).unchanged


def test_a_head_from_elsewhere_is_compared(box: Box, bundle: Path) -> None:
    with box.open() as file:
        head = file.head
    good, bad = (head.n, head.hashes.sha256), (head.n, "0" * 64)
    assert verify(bundle, Pins(head=good)).unchanged
    assert [each.what for each in verify(bundle, Pins(head=bad)).findings] == [f"entry {head.n}"]


def test_what_was_exported_is_whole_or_not_there(box: Box, tmp_path: Path) -> None:
    with pytest.raises(EvidenceRefused):
        box.export(tmp_path / "a.zip", Wanted(("no such case",)))
    assert list(tmp_path.glob("*.zip")) == []
    assert list(tmp_path.glob(".*.part")) == []
    (tmp_path / "there.zip").write_bytes(b"mine")
    with pytest.raises(EvidenceRefused):
        box.export(tmp_path / "there.zip", Wanted(("a",)))
    assert (tmp_path / "there.zip").read_bytes() == b"mine"


def test_other_programs_read_the_zip(bundle: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
        assert archive.testzip() is None
