"""Whether too much of a stream does not decode. Pure."""

_SPAN = 30.0  # s over which it is judged: a truck between two aerials takes ten
_MUCH = 0.3  # share of the packets: lost ones spoil what follows them until the next key frame
_LITTLE = 0.1  # below it all is well again


class Spoilage:
    """Fed with running counts; tells whether the share of spoilt packets is high."""

    def __init__(self) -> None:
        self._from: tuple[float, int, int] | None = None
        self.much = False

    def update(self, spoilt: int, pictures: int, now: float) -> bool:
        """spoilt, pictures: counted since the start. now: s of any clock that does not jump."""
        if self._from is None or spoilt < self._from[1] or pictures < self._from[2]:
            self._from = (now, spoilt, pictures)
        since, bad, good = self._from
        if now - since < _SPAN:
            return self.much
        bad, good = spoilt - bad, pictures - good
        share = bad / (bad + good) if bad + good else 0.0
        self.much = share > (_LITTLE if self.much else _MUCH)
        self._from = (now, spoilt, pictures)
        return self.much
