"""A few hundred cases of what `python -m tests.fuzz` does in thousands."""

from pathlib import Path

import pytest

from tests.fuzz import driver, live, material, seeds, words
from tests.fuzz.hostile import Hostile
from tests.fuzz.material import CODECS

SEED = 1
# What once raised, took a gigabyte, and kept FFmpeg's muxer busy for minutes.
RTSP_ONCE, UNITS_ONCE = (273,), (1164, 2317)
# Took 5 s over a subtitle; a damaged chain in words that are no UTF-8, and with nothing where an entry should be.
WORDS_ONCE = (689, 823, 2523)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("material")
    material.prepare(made)
    seeds.prepare(made)
    return made


def test_the_camera_is_a_good_one_before_it_is_made_a_bad_one(folder: Path) -> None:
    """Else all that is tested below is how soon it is turned away."""
    with Hostile(folder, SEED, tame=True) as camera:
        tally = driver.run("tame", range(8), seed=SEED, folder=folder, port=camera.port)
    assert tally.endings == {"camera.ended seen": 8}


def test_mutated_answers_descriptions_and_packets(folder: Path) -> None:
    with Hostile(folder, SEED) as camera:
        tally = driver.run("rtsp", [*range(240), *RTSP_ONCE], seed=SEED, folder=folder, port=camera.port)
    assert tally.clean, str(tally)
    assert len(tally.endings) > 4, "it should fail in many ways"


def test_mutated_access_units(folder: Path) -> None:
    tally = driver.run("units", [*range(40 * len(CODECS)), *UNITS_ONCE], seed=SEED, folder=folder)
    assert tally.clean, str(tally)
    assert tally.endings["seen"] > tally.cases / 2


@pytest.mark.parametrize("name", words.READERS)
def test_good_words_are_read_before_they_are_spoilt(name: str) -> None:
    """Else all that is tested below is how soon they are refused."""
    reader = words.READERS[name]
    for seed in reader.seeds:
        reader.read(seed)


def test_spoilt_letters_and_files(folder: Path) -> None:
    tally = driver.run("words", [*range(12 * len(words.NAMES)), *WORDS_ONCE], seed=SEED, folder=folder)
    assert tally.clean, str(tally)
    assert {ending.rpartition(" ")[0] for ending in tally.endings} == set(words.NAMES)


@pytest.mark.e2e
def test_hostile_cameras_beside_a_good_one(folder: Path) -> None:
    outcome = live.beside(folder, seed=SEED, seconds=10.0, cameras=4, units=100)
    assert outcome.clean, str(outcome)
    assert outcome.units >= 100
