from datetime import UTC, datetime

import pytest

from streams.telemetry.errors import Undecodable
from streams.telemetry.nmea import NmeaDecoder, parse
from streams.telemetry.pose import Attitude, Pose
from tests.support.telemetry import about, nmea


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOON = at("2026-05-01T12:00:00")


def rmc(clock: str, day: str = "010526", status: str = "A", mode: str = "A", talker: str = "GN") -> bytes:
    return nmea(f"{talker}RMC,{clock},{status},3112.0000,N,12136.0000,E,10.0,84.4,{day},,,{mode}")


def gga(clock: str, quality: int = 1, lat: str = "3112.0000") -> bytes:
    return nmea(f"GNGGA,{clock},{lat},N,12136.0000,E,{quality},12,0.8,15.5,M,9.5,M,,")


def fed(*lines: bytes, arrival: float = NOON) -> list[Pose]:
    decoder = NmeaDecoder("patrol")
    poses = [pose for line in lines for pose in decoder.feed(line, arrival)]
    assert decoder.refused == 0
    return poses


def test_a_moments_sentences_make_one_pose() -> None:
    burst = [nmea("GNHDT,91.5,T"), rmc("120000.00"), gga("120000.00"), rmc("120001.00"), gga("120001.00")]
    first, second = fed(*burst)
    assert (first.time, second.time) == (NOON, NOON + 1)
    for pose in (first, second):
        assert pose.position == about((31.2, 121.6))
        assert (pose.heights.msl, pose.heights.ellipsoid, pose.datum) == (15.5, 25.0, "wgs84_ellipsoid")
        assert pose.speed == about(5.144, abs=0.001)
        assert (pose.course, pose.attitude) == (84.4, Attitude(91.5))


def test_from_the_second_moment_on_a_pose_does_not_wait_for_the_next() -> None:
    decoder = NmeaDecoder("patrol")
    counts = [
        len(decoder.feed(line, NOON))
        for line in (rmc("120000"), gga("120000"), rmc("120001"), gga("120001"), rmc("120002"), gga("120002"))
    ]
    assert counts == [0, 0, 1, 1, 0, 1]


def test_a_receiver_with_one_kind_of_sentence() -> None:
    assert [pose.time for pose in fed(*(rmc(f"12000{n}") for n in range(5)))] == [NOON + n for n in range(5)]


def test_a_fast_receiver_that_writes_whole_seconds() -> None:
    assert len(fed(*[rmc("120000")] * 10)) == 10


@pytest.mark.parametrize("talker", ["GP", "GN", "BD", "GB"])
def test_any_constellation(talker: str) -> None:
    sentence = parse(rmc("120000", talker=talker))
    assert sentence is not None
    assert sentence.position == about((31.2, 121.6))


@pytest.mark.parametrize(
    "lines",
    [
        [rmc("120000", status="V"), rmc("120001", status="V")],
        [rmc("120000", mode="E"), rmc("120001", mode="E")],
        [gga("120000", quality=0), gga("120001", quality=0)],
        [gga("120000", quality=6), gga("120001", quality=6)],
        [rmc("120000"), gga("120000", quality=0), rmc("120001")],
        [nmea("GPRMC,,V,,,,,,,,,,N")],
    ],
)
def test_no_fix_and_dead_reckoning_have_no_position(lines: list[bytes]) -> None:
    poses = fed(*lines)
    assert poses
    assert poses[0].position is None
    assert poses[0].speed is None


def test_over_midnight() -> None:
    lines = [
        rmc("235959", "300426"),
        gga("235959"),
        gga("000000"),
        rmc("000001", "010526"),
        rmc("000002", "010526"),
    ]
    arrival = at("2026-05-01T00:00:00")
    assert [pose.time - arrival for pose in fed(*lines, arrival=arrival)] == [-1, 0, 1, 2]


def test_without_a_date_the_day_nearest_to_our_clock() -> None:
    arrival = at("2026-05-01T00:00:01")
    poses = fed(gga("235959"), gga("000000"), gga("000001"), arrival=arrival)
    assert [pose.time - arrival for pose in poses] == [-2, -1, 0]


def test_a_receivers_wrong_date_stays_wrong_until_the_clock_is_compared() -> None:
    poses = fed(rmc("120000", "010506"), rmc("120001", "010506"), gga("120002"), gga("120003"))
    assert [pose.device_time for pose in poses[:3]] == [at("2006-05-01T12:00:00") + n for n in range(3)]


def test_speed_from_vtg_where_rmc_is_missing() -> None:
    vtg = nmea("GPVTG,084.4,T,,M,010.0,N,036.0,K,A")
    poses = fed(vtg, gga("120000"), vtg, gga("120001"))
    assert (poses[0].speed, poses[0].course) == (about(10.0), 84.4)


@pytest.mark.parametrize(
    "line",
    [
        rmc("120000")[:-6],
        rmc("120000").replace(b"3112", b"3113"),
        rmc("120000").split(b"*")[0],
        gga("120000", lat="9912.0000"),
        nmea("GPHDT,north,T"),
    ],
)
def test_damage_is_refused(line: bytes) -> None:
    with pytest.raises(Undecodable):
        parse(line)


def test_other_sentences_are_none_of_ours() -> None:
    assert parse(nmea("GPGSV,3,1,11,03,03,111,00")) is None
    assert parse(b"!AIVDM,1,1,,A,x,0*00") is None


def test_a_stream_in_pieces_with_rubbish_between() -> None:
    lines = b"".join(b"\x00\xff half a $GPRM" + rmc(f"12000{n}") + gga(f"12000{n}") for n in range(5))
    for size in (1, 10, 64, 4096):
        decoder = NmeaDecoder("patrol")
        poses = [p for k in range(0, len(lines), size) for p in decoder.feed(lines[k : k + size], NOON)]
        assert [pose.time for pose in poses] == [NOON + n for n in range(5)]


def test_a_datagram_without_a_line_end() -> None:
    decoder = NmeaDecoder("patrol")
    poses = [p for n in range(3) for p in decoder.feed(rmc(f"12000{n}").strip(), NOON)]
    assert len(poses) == 3


def test_a_line_without_end_is_dropped() -> None:
    decoder = NmeaDecoder("patrol")
    decoder.feed(b"$GPRMC,", NOON)
    for _ in range(100):
        decoder.feed(b"1" * 100, NOON)
    assert len(decoder._held) < 2048
    assert decoder.refused > 0
    assert decoder.feed(b"\r\n" + rmc("120000") + rmc("120001"), NOON)
