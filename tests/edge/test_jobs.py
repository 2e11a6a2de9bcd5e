"""Cameras are dealt out over the workers: each to exactly one, none of the workers idle."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.worker.job import CameraJob, shards
from streams.sources import file


def cameras(count: int) -> tuple[CameraJob, ...]:
    source = file.Spec(path=Path("x"))
    return tuple(
        CameraJob(name=f"c{number}", source=source, fps=5, zones={}, rules=()) for number in range(count)
    )


@given(st.integers(1, 60), st.integers(1, 16))
def test_every_camera_has_one_worker_and_the_loads_are_even(count: int, workers: int) -> None:
    dealt = shards(cameras(count), workers)
    assert sorted(camera.name for share in dealt for camera in share) == sorted(
        camera.name for camera in cameras(count)
    )
    assert len(dealt) == min(count, workers)
    sizes = [len(share) for share in dealt]
    assert max(sizes) - min(sizes) <= 1
