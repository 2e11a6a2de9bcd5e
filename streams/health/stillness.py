"""Whether pictures are copies of one another while packets flow. Pure."""

from collections.abc import MutableMapping

from streams.health.measures import Measures, difference

_IDENTICAL = 1e-5  # share of sampled pixels: a digital copy
_ALIKE = 0.04  # share: a copy that was encoded again; of live sensors' key frames 12 per cent and more change
_ALIVE = 0.4  # share of cells with a change: below it only the camera's own clock goes on; live ones have 0.8
_COPIES_FOR = 60.0  # s that pictures must be alike, where they are not identical
_EMPTY = 0.8  # grey levels per px: a picture with fewer edges has nothing to freeze
_JUMP = 60.0  # s without a look, or back in time: what was under way is forgotten


class Stillness:
    """Compares key frames: between them a quiet scene is copied by the encoder, and says nothing."""

    def __init__(self) -> None:
        self._last: tuple[float, Measures] | None = None
        self._since: float | None = None
        self._frozen = False

    def update(self, look: Measures, time: float, values: MutableMapping[str, float], *, key: bool) -> bool:
        """Whether the picture is frozen, as far as this look (s) can tell."""
        if key:
            self._frozen = self._compared(look, time, values)
            self._last = (time, look)
        return self._frozen

    def _compared(self, look: Measures, time: float, values: MutableMapping[str, float]) -> bool:
        if self._last is None or not 0 < time - self._last[0] < _JUMP:
            self._since = None
            return False
        changed, cells = difference(look, self._last[1])
        values["changed"] = changed
        if changed > _ALIKE or cells > _ALIVE or look.texture.mean() < _EMPTY:
            self._since = None
            return False
        self._since = self._last[0] if self._since is None else self._since
        return changed <= _IDENTICAL or time - self._since >= _COPIES_FOR
