"""A bundle that somebody changed: what he did is found and named, always."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.evidence.bundle import CHAIN, LIST, PAGE, SIGNATURE, Listing, signed
from edge.evidence.canonical import Json, canonical, parsed
from edge.evidence.choosing import Wanted
from edge.evidence.container import Packer
from edge.evidence.entries import Entry, encoded, key_words
from edge.evidence.hashes import Measured, of_bytes
from edge.evidence.report import Pins, Report
from edge.evidence.signing import Algorithm, PrivateKey, made
from edge.evidence.verify import verify
from tests.support.chained import two_cases
from tests.support.zipped import packed, unpacked

PICTURE, CLIP = "items/gate/2026/05/01/a.jpg", "items/gate/2026/05/01/a.mp4"
Files = dict[str, bytes]
Changed = tuple[Files, set[str]]
"""What came of it, and whose names may be told: of two files that changed places, either's."""


@dataclass(frozen=True)
class Original:
    """A bundle of case a (entries 1 to 6, of which 3 and 5 are another case's), and who signed it."""

    folder: Path
    data: bytes
    files: Files
    key: str
    private: PrivateKey


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    folder = tmp_path_factory.mktemp("bundle")
    box = two_cases(folder / "storage")
    box.export(folder / "a.zip", Wanted(("a",)))
    key = box.ring.current()
    assert key is not None
    data = (folder / "a.zip").read_bytes()
    return Original(folder, data, unpacked(folder / "a.zip"), key.public.fingerprint, key)


def audited(original: Original, data: bytes | Files, pinned: bool = True) -> Report:
    path = original.folder / "tampered.zip"
    path.write_bytes(data if isinstance(data, bytes) else packed(data))
    return verify(path, Pins(key=original.key if pinned else None))


def found(report: Report) -> set[tuple[str, str]]:
    return {(each.fault.value, each.what) for each in report.findings}


def lines(files: Files) -> list[bytes]:
    return files[CHAIN].splitlines(keepends=True)


def with_lines(files: Files, row: list[bytes]) -> Files:
    return {**files, CHAIN: b"".join(row)}


def test_the_untouched_bundle_is_unchanged(original: Original) -> None:
    assert packed(original.files) == original.data
    report = audited(original, original.data)
    assert report.unchanged
    assert (report.entries, report.files, report.site) == (6, 11, "sandwatch-01")


def test_one_byte_of_a_picture(original: Original) -> None:
    picture = bytearray(original.files[PICTURE])
    picture[7] ^= 1
    assert found(audited(original, {**original.files, PICTURE: bytes(picture)})) == {("changed", PICTURE)}


def test_an_item_that_was_dropped(original: Original) -> None:
    files = {name: data for name, data in original.files.items() if name != CLIP}
    assert found(audited(original, files)) == {("missing", CLIP)}


def test_two_items_that_were_swapped(original: Original) -> None:
    files = {**original.files, PICTURE: original.files[CLIP], CLIP: original.files[PICTURE]}
    report = audited(original, files)
    assert found(report) == {("reordered", PICTURE), ("reordered", CLIP)}
    assert CLIP in next(each.detail.en for each in report.findings if each.what == PICTURE)


def test_an_item_that_was_added(original: Original) -> None:
    files = {**original.files, "items/gate/2026/05/01/z.jpg": b"planted"}
    assert found(audited(original, files)) == {("inserted", "items/gate/2026/05/01/z.jpg")}


@pytest.mark.parametrize("name", [PAGE, "README.txt", "messages/2.json"])
def test_a_page_or_a_message_that_was_edited(original: Original, name: str) -> None:
    files = {**original.files, name: original.files[name].replace(b"a", b"b", 1)}
    assert found(audited(original, files)) == {("changed", name)}


def test_a_list_that_was_edited(original: Original) -> None:
    told = parsed(original.files[LIST])
    assert isinstance(told["files"], dict)
    told["files"].pop(CLIP)
    files = {name: data for name, data in original.files.items() if name != CLIP}
    names = found(audited(original, {**files, LIST: canonical(told)}))
    assert {("changed", LIST), ("missing", CLIP)} <= names


def test_a_list_that_nobody_signed(original: Original) -> None:
    files = {name: data for name, data in original.files.items() if name != SIGNATURE}
    assert found(audited(original, files)) == {("missing", SIGNATURE)}


@pytest.mark.parametrize("n", range(1, 7))
def test_an_entry_that_was_taken_out(original: Original, n: int) -> None:
    row = lines(original.files)
    del row[n - 1]
    assert {("missing", f"entry {n}"), ("changed", CHAIN)} <= found(
        audited(original, with_lines(original.files, row))
    )


def test_the_last_entries_cut_off(original: Original) -> None:
    names = found(audited(original, with_lines(original.files, lines(original.files)[:-2])))
    assert ("missing", "entries 5 to 6") in names


def test_two_entries_that_changed_places(original: Original) -> None:
    row = lines(original.files)
    row[2], row[3] = row[3], row[2]
    names = found(audited(original, with_lines(original.files, row)))
    assert ("reordered", "entry 4") in names or ("reordered", "entry 3") in names


def test_an_entry_that_was_put_in_twice_or_from_elsewhere(original: Original, tmp_path: Path) -> None:
    row = lines(original.files)
    twice = found(audited(original, with_lines(original.files, [*row[:4], row[2], *row[4:]])))
    assert ("inserted", "entry 3") in twice
    two_cases(tmp_path / "s").export(tmp_path / "b.zip", Wanted(("c",)))
    foreign = lines(unpacked(tmp_path / "b.zip"))[-1]
    names = found(audited(original, with_lines(original.files, [*row, foreign])))
    assert ("inserted", "entry 7") in names


def test_an_entry_of_another_box_in_the_place_of_ours(original: Original, tmp_path: Path) -> None:
    two_cases(tmp_path / "s").export(tmp_path / "b.zip", Wanted(("a",)))
    row = lines(original.files)
    row[3] = lines(unpacked(tmp_path / "b.zip"))[3]
    assert ("inserted", "entry 4") in found(audited(original, with_lines(original.files, row)))


def test_a_body_that_was_taken_out(original: Original) -> None:
    row = lines(original.files)
    row[3] = Entry.of_line(row[3]).bare().line()
    assert ("missing", "entry 4") in found(audited(original, with_lines(original.files, row)))


def test_an_entry_that_was_signed_by_another_key(original: Original) -> None:
    """Under its own name, and under ours."""
    thief, row = made(Algorithm.ED25519), lines(original.files)
    entry = Entry.of_line(row[3])
    owned = Entry(canonical({**parsed(entry.header), "key": thief.public.fingerprint}), b"", entry.body)
    row[3] = Entry(owned.header, thief.sign(owned.header), entry.body).line()
    assert ("foreign", "entry 4") in found(audited(original, with_lines(original.files, row)))
    row[3] = Entry(entry.header, thief.sign(entry.header), entry.body).line()
    assert ("changed", "entry 4") in found(audited(original, with_lines(original.files, row)))


@pytest.mark.parametrize("n", [3, 4])
def test_an_entry_that_the_devices_own_key_signed_anew(original: Original, n: int) -> None:
    """By whoever has the key: what followed it still holds the hash of what stood there."""
    row = lines(original.files)
    entry = Entry.of_line(row[n - 1])
    header = canonical({**parsed(entry.header), "time": "2026-05-28T00:00:00.000Z"})
    row[n - 1] = Entry(header, original.private.sign(header), entry.body).line()
    assert ("changed", f"entry {n}") in found(audited(original, with_lines(original.files, row)))


def forged(files: Files, thief: PrivateKey) -> Files:
    """Everything signed anew, links and list included, by somebody who has not the device's key."""
    files, row = dict(files), list[bytes]()
    prev: Json = None
    for line in lines(files):
        entry = Entry.of_line(line)
        header, body = parsed(entry.header), entry.body
        if entry.told.n == 1:
            body = canonical({**entry.says, "key": key_words(thief.public)})
        if body is not None:
            header["body"] = of_bytes(body).as_json()  # type: ignore[assignment]
        header |= {"key": thief.public.fingerprint, "prev": prev}
        data = canonical(header)
        row.append(Entry(data, thief.sign(data), body).line())
        prev = dict(of_bytes(data).as_json())
    files[CHAIN] = b"".join(row)
    listing = parsed(files[LIST])
    chain = Measured.of(files[CHAIN])
    assert isinstance(listing["files"], dict)
    listing["files"][CHAIN] = chain.as_json()  # type: ignore[assignment]
    files[LIST] = canonical(listing)
    files[SIGNATURE] = signed(files[LIST], thief)
    return files


def test_everything_signed_anew_by_another_key_needs_the_fingerprint(original: Original) -> None:
    thief = made(Algorithm.ED25519)
    files = forged(original.files, thief)
    assert found(audited(original, files)) == {("foreign", "tampered.zip")}
    unpinned = audited(original, files, pinned=False)
    assert unpinned.unchanged  # a chain that is whole in itself, by that key
    assert unpinned.keys == (thief.public.fingerprint,)
    assert any("--key" in note.en for note in unpinned.notes)


def test_a_key_that_never_agreed_cannot_be_made_heir(original: Original) -> None:
    """A thief who ends his own chain in the device's key gains nothing: the device did not sign that."""
    thief, device = made(Algorithm.ED25519), made(Algorithm.ED25519)
    files = forged(original.files, thief)
    last = Entry.of_line(lines(files)[-1])
    body = canonical({"key": key_words(device.public), "consent": encoded(thief.sign(b"consent"))})
    header = parsed(last.header)
    header |= {
        "n": 7,
        "kind": "key",
        "case": None,
        "prev": last.hashes.as_json(),  # type: ignore[dict-item]
        "body": of_bytes(body).as_json(),  # type: ignore[dict-item]
    }
    data = canonical(header)
    row = [*lines(files), Entry(data, thief.sign(data), body).line()]
    path = original.folder / "heir.zip"
    path.write_bytes(packed(with_lines(files, row)))
    report = verify(path, Pins(key=device.public.fingerprint))
    assert {("foreign", "entry 7"), ("foreign", "heir.zip")} <= found(report)


def _flip(files: Files, name: str, random: Random) -> Changed:
    data = bytearray(files[name])
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return {**files, name: bytes(data)}, {name}


def _drop(files: Files, name: str, random: Random) -> Changed:
    return {each: data for each, data in files.items() if each != name}, {name}


def _cut(files: Files, name: str, random: Random) -> Changed:
    data = files[name]
    return {**files, name: data[: random.randrange(len(data))]}, {name}


def _extend(files: Files, name: str, random: Random) -> Changed:
    return {**files, name: files[name] + random.randbytes(random.randint(1, 9))}, {name}


def _exchange(files: Files, name: str, random: Random) -> Changed:
    other = random.choice([each for each in files if each != name])
    return {**files, name: files[other], other: files[name]}, {name, other}


def _insert(files: Files, name: str, random: Random) -> Changed:
    return {**files, f"{name}x": random.randbytes(5)}, {f"{name}x"}


def _rename(files: Files, name: str, random: Random) -> Changed:
    return {(f"{each}x" if each == name else each): data for each, data in files.items()}, {name}


TAMPERS: list[Callable[[Files, str, Random], Changed]] = [
    _flip,
    _drop,
    _cut,
    _extend,
    _exchange,
    _insert,
    _rename,
]


@given(st.sampled_from(TAMPERS), st.integers(0, 10), st.randoms(use_true_random=False))
def test_any_single_change_of_any_file_is_found_and_named(
    original: Original,
    tamper: Callable[[Files, str, Random], Changed],
    number: int,
    random: Random,
) -> None:
    files, names = tamper(original.files, sorted(original.files)[number], random)
    report = audited(original, files)
    named = {each.what for each in report.findings}
    assert names & named or (names == {SIGNATURE} and LIST in named), named


@given(st.integers(0), st.integers(0, 7))
def test_any_bit_of_the_zip_that_is_flipped_is_found(original: Original, place: int, bit: int) -> None:
    """Those too that no program looks at: dates, versions, what stands between the files."""
    data = bytearray(original.data)
    data[place % len(data)] ^= 1 << bit
    assert not audited(original, bytes(data)).unchanged


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_any_other_row_of_entries_is_found(original: Original, picked: list[int]) -> None:
    row = lines(original.files)
    report = audited(original, with_lines(original.files, [row[each] for each in picked]))
    assert report.unchanged == (picked == [0, 1, 2, 3, 4, 5])


def test_bytes_hidden_in_the_zip_are_found(original: Original) -> None:
    end = original.data.rindex(b"PK\5\6")
    for data in (
        b"MZ" + original.data,
        original.data + b"more",
        original.data[:end] + b"x" + original.data[end:],
    ):
        assert "container" in {each.fault.value for each in audited(original, data).findings}


def test_two_files_of_one_name_are_found(original: Original) -> None:
    out = io.BytesIO()
    packer = Packer(out)
    for name, data in original.files.items():
        packer.add(name, (data,))
    packer.add(PICTURE, (b"the other one",))
    packer.finish()
    assert ("container", "zip") in found(audited(original, out.getvalue()))


def test_the_list_can_be_read_back(original: Original) -> None:
    listing = Listing.read(original.files[LIST])
    assert listing.cases == ("a",)
    assert listing.ranges == ((1, 6),)
    assert listing.written() == original.files[LIST]
