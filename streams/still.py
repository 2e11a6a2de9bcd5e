"""One picture out of a ring: the moment as the camera's best stream shows it."""

from av.video.frame import VideoFrame

from streams.decoding import Decoder
from streams.errors import UnsupportedCodec
from streams.ring import Ring

_HALF = 0.02  # s: half a picture at 25 Hz


def still(ring: Ring, time: float) -> VideoFrame | None:
    """The picture shown at `time` (s since 1970), decoded from the key frame before it; the nearest later or last
    one where there is none of just that time; None where nothing decodes.

    Takes as long as decoding up to one GOP: a second at 1080p and 10 s between key frames.
    """
    first = ring.key_before(time)
    if first is None:
        return None
    decoder: Decoder | None = None
    found: VideoFrame | None = None
    kept = ring.read(first - 1, 0.0)
    opening = kept.opening if kept else 0
    while kept is not None and kept.opening == opening:
        try:
            decoder = decoder or Decoder(kept.info)
        except UnsupportedCodec:
            return None
        for picture in decoder.pictures(kept.packet):
            found = picture
            if (picture.pts or 0) / 1_000_000 >= time - _HALF:
                return picture
        kept = ring.read(kept.number, 0.0)
    rest = decoder.rest() if decoder else []
    return rest[-1] if rest else found
