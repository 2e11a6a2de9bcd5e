"""Cameras' time stamps to times on the box's clock. Pure: the time of arrival is given."""

# A stamp this far from its arrival, s, is a jump (a camera set its clock, a stream starts over), not jitter:
# 4G holds packets back for up to a second and lets them go at once.
_JUMP = 2.0
_LATE = 0.002  # share of a delay taken over per packet: follows a clock that is 50 ppm off, ignores jitter
_EARLY = 0.1  # a picture cannot arrive before it was sent: the estimate was too late
_SET = 6.0  # s: a step this large at once is a clock that was set; a line that is too slow steps by less
# share: cameras that stamp 25 Hz and send 24.6 are common; what they lose is no delay of the line
_DRIFT = 0.03
_LONGEST_REORDER = 2.0  # s between decoding and showing a picture: 16 reference pictures at 8 Hz


class LiveClock:
    """Keeps the even spacing of the camera's stamps and the time of the box.

    Missing stamps count as arrival. Times for decoding never step back, and no picture is shown before it is
    decoded.
    """

    def __init__(self) -> None:
        self._offset: float | None = None
        self._last = float("-inf")
        self._stamp: float | None = None
        self._least = 0.0

    @property
    def behind(self) -> float:
        """How much later than at best pictures arrive, s: what a line that is too slow has piled up."""
        return 0.0 if self._offset is None else max(0.0, self._offset - self._least)

    def times(self, pts: float | None, dts: float | None, arrived: float) -> tuple[float, float]:
        """When to show it and when to decode it, s. pts, dts: s, any origin. arrived: s since 1970."""
        stamp = dts if dts is not None else pts
        if stamp is not None and stamp == self._stamp:  # a clock that stands still tells as little as none
            pts = dts = stamp = None
        else:
            self._stamp = stamp
        placed = arrived if stamp is None else self._placed(stamp, arrived)
        # FFmpeg leaves dts out until it knows how far pictures are reordered: they were not sent in the future.
        decode = min(placed, arrived) if dts is None else placed
        lead = (pts - dts if dts is not None else placed - decode) if pts is not None else 0.0
        shown = decode + (lead if 0 <= lead <= _LONGEST_REORDER else 0.0)
        # The box's own clock may be set back while a camera is live: begin again there, rather than stand still.
        decode = decode if decode < self._last - _JUMP else max(decode, self._last)
        self._last = decode
        return max(shown, decode), decode

    def beside(self, stamp: float | None, arrived: float) -> float | None:
        """The time (s) of what is stamped by the same clock as the pictures. None: it has no stamp, no picture has
        come yet, or it cannot be that clock."""
        if stamp is None or self._offset is None or abs(arrived - stamp - self._offset) > _JUMP:
            return None
        return stamp + self._offset

    def _placed(self, stamp: float, arrived: float) -> float:
        step = arrived - stamp - self._offset if self._offset is not None else _SET
        if self._offset is None or abs(step) > _JUMP:
            self._offset = arrived - stamp
        if abs(step) >= _SET:
            self._least = self._offset
        late = arrived - (stamp + self._offset)
        self._offset += late * (_LATE if late > 0 else _EARLY)
        passed = max(0.0, stamp + self._offset - self._last) if self._last > 0 else 0.0
        self._least = min(self._least + _DRIFT * passed, self._offset)
        return stamp + self._offset
