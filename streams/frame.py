"""One decoded picture on its way from a camera to the detector."""

from dataclasses import dataclass

from av.video.frame import VideoFrame


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded picture, still in the decoder's pixel format: converting it is the reader's business.

    time: seconds since the Unix epoch, UTC: when a live picture arrived, or the clip's own clock in a replay.
    index: how many pictures the source has decoded before this one.
    glimpse: a key frame decoded alone, while nothing happens; what lay before it was not looked at.
    """

    picture: VideoFrame
    time: float
    index: int
    glimpse: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.picture.width, self.picture.height
