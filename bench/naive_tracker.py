"""What people write first: one object per track, greedy IoU, plain Python (Bochinski et al., AVSS 2017).

The baseline of the tracker's bench, not part of the daemon.
"""

from dataclasses import dataclass

from inference.detections import Detections

_HIGH = 0.3
_FLOOR = 0.3  # IoU
_MAX_LOST = 3.0  # s

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class NaiveTrack:
    id: int
    box: Box
    hits: int
    last: float


class NaiveTracker:
    def __init__(self) -> None:
        self._tracks: list[NaiveTrack] = []
        self._next_id = 1

    def update(self, detections: Detections, time: float) -> list[NaiveTrack]:
        """The tracks seen in this picture, twice or more in all."""
        boxes: list[Box] = [
            (box[0], box[1], box[2], box[3])
            for box, score in zip(detections.boxes.tolist(), detections.scores.tolist(), strict=True)
            if score >= _HIGH
        ]
        self._tracks = [track for track in self._tracks if time - track.last <= _MAX_LOST]
        free = self._match(boxes, time)
        for number in free:
            self._tracks.append(NaiveTrack(self._next_id, boxes[number], 1, time))
            self._next_id += 1
        return [track for track in self._tracks if track.hits >= 2 and track.last == time]

    def _match(self, boxes: list[Box], time: float) -> set[int]:
        pairs = [
            (iou(track.box, box), row, column)
            for row, track in enumerate(self._tracks)
            for column, box in enumerate(boxes)
        ]
        rows, free = set(range(len(self._tracks))), set(range(len(boxes)))
        for share, row, column in sorted(pairs, reverse=True):
            if share >= _FLOOR and row in rows and column in free:
                rows.remove(row)
                free.remove(column)
                track = self._tracks[row]
                track.box, track.hits, track.last = boxes[column], track.hits + 1, time
        return free


def iou(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)
