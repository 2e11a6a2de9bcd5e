"""Time-stamps from a real authority (OpenSSL), asked for, entered, exported and checked."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from edge.evidence.canonical import canonical, parsed
from edge.evidence.chain import Chain
from edge.evidence.choosing import Wanted
from edge.evidence.drafts import Draft
from edge.evidence.entries import Entry, Kind, encoded
from edge.evidence.hashes import of_bytes
from edge.evidence.opening import Opened, open_chain
from edge.evidence.reading import ChainReader
from edge.evidence.report import Pins
from edge.evidence.stamper import Stamper
from edge.evidence.stamping import BadStamp, asked, checked, read_certificates
from edge.evidence.verify import verify
from edge.settings.evidence import TsaSettings
from streams.problem import Problem
from tests.support.chained import Box, two_cases
from tests.support.tsa import Tsa, authority
from tests.support.until import until
from tests.support.zipped import packed, unpacked


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    with authority(tmp_path_factory.mktemp("tsa")) as serving:
        yield serving


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return two_cases(tmp_path / "storage")


@pytest.fixture
async def chain(box: Box) -> AsyncIterator[Chain]:
    def make() -> Opened:
        return open_chain(box.storage, box.ring, "sandwatch-01", box.clock)

    async with Chain(make) as opened:
        yield opened


def stamper(
    chain: Chain, tsa: Tsa, said: list[Problem | None], every: float = 3600.0, entries: int = 1000
) -> Stamper:
    settings = TsaSettings(url=tsa.url, ca_file=tsa.ca, every=every, entries=entries)
    return Stamper(chain, settings, said.append, look=0.01)


async def test_a_stamp_dates_everything_before_it(box: Box, chain: Chain, tsa: Tsa) -> None:
    await stamper(chain, tsa, []).stamp()
    report = verify(box.storage, Pins(ca=read_certificates(tsa.ca)))
    assert report.unchanged
    assert [n for n, _ in report.stamps] == [7]


async def test_nothing_is_stamped_when_nothing_came_and_after_enough_it_is(
    box: Box, chain: Chain, tsa: Tsa
) -> None:
    said: list[Problem | None] = []
    service = stamper(chain, tsa, said, entries=7)
    await until(service.run(), lambda: said)
    assert tsa.asked
    before = tsa.asked
    await until(stamper(chain, tsa, said, entries=7).run(), lambda: False, patience=0.2)
    assert tsa.asked == before


async def test_while_the_authority_is_away_it_waits_and_the_next_stamp_covers_all(
    box: Box, chain: Chain, tsa: Tsa
) -> None:
    said: list[Problem | None] = []
    tsa.down = True
    await until(stamper(chain, tsa, said, entries=1).run(), lambda: said)
    assert said[0] is not None
    assert said[0].code == "evidence.stamp"
    assert "7 entries wait" in said[0].what.en
    tsa.down = False
    await chain.call(chain.file.append, [box.event("d", 0)])
    await until(stamper(chain, tsa, said, entries=1).run(), lambda: said[-1] is None)
    report = verify(box.storage, Pins(ca=read_certificates(tsa.ca)))
    assert [n for n, _ in report.stamps] == [8]


async def test_an_answer_that_is_none_is_not_entered(chain: Chain, tsa: Tsa) -> None:
    tsa.garbled = b"rubbish"
    try:
        with pytest.raises(BadStamp):
            await stamper(chain, tsa, []).stamp()
    finally:
        tsa.garbled = None
    assert chain.file.head.n == 7


async def test_an_old_answer_to_the_same_question_is_not_taken(chain: Chain, tsa: Tsa) -> None:
    """The nonce differs."""
    n, header = chain.file.head.n, await chain.call(chain.file.header, 7)
    assert n == 7
    tsa.garbled = tsa.reply(asked(header).as_bytes())
    try:
        with pytest.raises(BadStamp):
            await stamper(chain, tsa, []).stamp()
    finally:
        tsa.garbled = None


async def test_a_stamp_of_another_authority_is_not_trusted(chain: Chain, tsa: Tsa, tmp_path: Path) -> None:
    with authority(tmp_path / "other") as other:
        settings = TsaSettings(url=other.url, ca_file=tsa.ca)
        with pytest.raises(BadStamp):
            await Stamper(chain, settings, lambda _: None).stamp()


async def test_an_exported_case_carries_the_proof_of_its_time(
    box: Box, chain: Chain, tsa: Tsa, tmp_path: Path
) -> None:
    """Case a ends at entry 6; the stamp is over entry 7, whose header goes in although it is another case's."""
    await stamper(chain, tsa, []).stamp()
    bundle = tmp_path / "a.zip"
    box.export(bundle, Wanted(("a",)), tsa.ca)
    report = verify(bundle, Pins())
    assert report.unchanged
    assert [n for n, _ in report.stamps] == [7]
    assert_openssl_agrees(bundle, tmp_path)


def assert_openssl_agrees(bundle: Path, folder: Path) -> None:
    files = unpacked(bundle)
    (name,) = [name for name in files if name.startswith("stamps/")]
    header = Entry.of_line(files["chain.jsonl"].splitlines()[6]).header
    for part, data in (("a.tsr", files[name]), ("ca.pem", files["tsa/ca.pem"]), ("header", header)):
        (folder / part).write_bytes(data)
    checks = ["openssl", "ts", "-verify", "-in", "a.tsr", "-data", "header", "-CAfile", "ca.pem"]
    done = subprocess.run(checks, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_a_stamp_that_was_put_over_another_entry_is_found(
    box: Box, chain: Chain, tsa: Tsa, tmp_path: Path
) -> None:
    """By whoever has the device's key: he still cannot date what the authority never saw."""
    header = await chain.call(chain.file.header, 3)
    answer = tsa.reply(asked(header).as_bytes())
    other = await chain.call(chain.file.header, 7)
    words = {"entry": 7, "sha256": of_bytes(other).sha256, "tsa": "x", "at": "x", "token": encoded(answer)}
    await chain.call(chain.file.append, [Draft(Kind.STAMP, "stamp:7", words)])
    report = verify(box.storage, Pins(ca=read_certificates(tsa.ca)))
    assert [(each.fault.value, each.what) for each in report.findings] == [("stamp", "entry 8")]


async def test_a_certificate_that_was_exchanged_in_the_bundle_is_found(
    box: Box, chain: Chain, tsa: Tsa, tmp_path: Path
) -> None:
    await stamper(chain, tsa, []).stamp()
    box.export(tmp_path / "a.zip", Wanted(("a",)), tsa.ca)
    with authority(tmp_path / "other") as other:
        files = unpacked(tmp_path / "a.zip") | {"tsa/ca.pem": other.ca.read_bytes()}
    (tmp_path / "b.zip").write_bytes(packed(files))
    names = {(each.fault.value, each.what) for each in verify(tmp_path / "b.zip", Pins()).findings}
    assert {("changed", "tsa/ca.pem"), ("stamp", "entry 8")} <= names


def test_a_stamp_is_over_one_hash_and_no_other(tsa: Tsa) -> None:
    roots = read_certificates(tsa.ca)
    question = asked(b"header")
    answer = tsa.reply(question.as_bytes())
    assert checked(answer, of_bytes(b"header").sha256, roots, question.nonce).at.year >= 2024
    for data, certificates in ((b"another", roots), (b"header", ())):
        with pytest.raises(BadStamp):
            checked(answer, of_bytes(data).sha256, certificates)


def test_the_body_of_a_stamp_is_canonical(box: Box, tsa: Tsa) -> None:
    with ChainReader(box.chain) as reader:
        for _, entry in reader.entries():
            assert canonical(parsed(entry.header)) == entry.header
