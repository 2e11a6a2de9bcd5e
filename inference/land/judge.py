"""One look at the ground: usable, registered, compared; and what the references learn from it. Pure but for the bank."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from inference.detections import Boxes
from inference.land.bank import GAP, Bank, Light, Seen
from inference.land.compare import Compared, Usual, bared, compared
from inference.land.evidence import Evidence
from inference.land.features import Features, Floats, Mask, Picture, grid, reduced
from inference.land.light import DAYLIGHT, INFRARED, Position, apart, coloured, named
from inference.land.model import MEANS
from inference.land.register import Frame, Laid, Miss
from inference.land.relight import residue
from inference.land.silence import NoJudgement, Silence
from inference.land.usable import Ordinary, featureless, obvious, spoilt
from streams.health.measures import Measures, measure

_MARGIN: Final = (
    0.15  # of a vehicle's box that is left out around it: its shadow, and what a detector cuts off
)
_LEAST_MARGIN: Final = 0.004  # of the picture: 8 px of 1920
_OTHER_GRAIN: Final = 4  # of `apart`, from which a light's grain says nothing of the focus of a look
_TRIES: Final = 3  # references that a look is laid over before it is given up
_STEPPING: Final = 1800.0  # s that a registered look may serve for one of a light seen for the first time
_CLEAR: Final = (0.7, 1.35)  # of a reference's clarity: a sun behind clouds leaves 0.8, rain and haze less
_SAME: Final = 0.3  # change below which a pixel is learnt from
_NEAR: Final = (31, 19)  # px about a change that is not learnt from: a pit's rim is not yet sure
_MISSES: Final = {
    Miss.RESIZED: Silence.RESIZED,
    Miss.LOST: Silence.UNREGISTERED,
    Miss.MOVED: Silence.MOVED,
}


@dataclass(frozen=True, slots=True)
class _Look:
    """One picture on its way. small: uint8 [h, w, 3] of the grid."""

    picture: Picture
    small: Picture
    grey: Picture
    measures: Measures
    time: float
    light: str


class Judge:
    """One camera's, of one place it points at. One thread; looks in order of time, which is an argument.

    position: latitude and longitude of the camera, degrees (WGS84): the lights of its day are told by the sun; None:
    by the clock.
    """

    def __init__(self, bank: Bank, position: Position | None = None) -> None:
        self.bank = bank
        self._position = position
        self._step: tuple[float, Frame] | None = None
        self._clear: dict[str, float] = {}
        self._ready: tuple[tuple[str, float | None], Usual] | None = None

    def look(
        self, picture: Picture, time: float, occupied: Boxes, suspects: Mask | None
    ) -> Evidence | NoJudgement:
        """picture: uint8 [h, w, 3], BGR. time: s since 1970. occupied: float32 [N, 4], x1 y1 x2 y2 relative 0-1, of
        vehicles and people. suspects: bool [h, w] of the evidence: where something may have changed, which the light
        is not fitted to and nothing is learnt from."""
        if self.bank.broken:
            return NoJudgement.because(Silence.DAMAGED)
        if self.bank.grid is not None and self.bank.grid != grid(picture.shape[1], picture.shape[0]):
            return NoJudgement.because(Silence.RESIZED)
        look = self._prepared(picture, time)
        silence = obvious(look.measures) or self._spoilt(look)
        if silence is not None:
            return NoJudgement.because(silence, look.light)
        laid = self._laid(look)
        if isinstance(laid, Miss):
            return NoJudgement.because(_MISSES[laid], look.light)
        seen = _seen(look, laid, occupied)
        self._step = time, Frame(seen.grey)
        fit = seen.known if suspects is None else seen.known & ~suspects
        if self.bank.frozen is None:
            return self._learnt(look, seen)
        return self._judged(look, seen, fit)

    def _prepared(self, picture: Picture, time: float) -> _Look:
        small = reduced(picture, grid(picture.shape[1], picture.shape[0]))
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        return _Look(picture, small, grey, measure(grey), time, named(small, time, self._position))

    def _spoilt(self, look: _Look) -> Silence | None:
        """Against the nearest light, where that is near enough to tell fog from dusk."""
        names = self._outlasting(look, self.bank.nearest(look.light, judging=True))
        light = self.bank.light(names[0]) if names else None
        if light is None:
            return featureless(look.measures)
        # While it learns, only by this very light: a grainy dusk must not keep the whole day from being begun.
        unlike = _OTHER_GRAIN if self.bank.frozen is not None else 1
        return spoilt(look.measures, light.ordinary, focus=apart(look.light, names[0]) < unlike)

    def _outlasting(self, look: _Look, names: list[str]) -> list[str]:
        """Lights but those that were begun in haze, fog or rain, which a clear look is no equal of. While everything is
        learnt it begins them anew; later it is held against them where there are no others."""
        clear = [name for name in names if _clearer(look, self.bank.clarity(name)) <= _CLEAR[1]]
        return names if self.bank.frozen is not None and not clear else clear

    def _laid(self, look: _Look) -> Laid | Miss:
        names = self.bank.nearest(look.light)
        if self.bank.frozen is None:
            names = self._outlasting(look, names)
        if not names:
            return Laid(np.eye(3), 0.0, 1.0)
        found: Laid | Miss = Miss.LOST
        for name in names[:_TRIES]:
            light = self.bank.light(name)
            if light is None:
                continue
            found = light.frame.lay(look.grey)
            if isinstance(found, Laid) or name == look.light:
                return found
        if self._step is not None and 0 <= look.time - self._step[0] < _STEPPING:
            return self._step[1].lay(look.grey)
        return found

    def _learnt(self, look: _Look, seen: Seen) -> NoJudgement:
        """Before the freeze everything there is, is usual; but what was begun in haze begins again in clear air."""
        for name in (look.light, DAYLIGHT)[: 1 + coloured(look.light)]:
            light = self.bank.light(name)
            if light is None or self._outdone(name, look, light):
                self.bank.begin(name, look.picture, seen, None, look.time)
            self._add(name, look, seen, seen.known)
        if self.bank.settled(look.time):
            self.bank.freeze(look.time)
        return NoJudgement.because(Silence.LEARNING, look.light)

    def _outdone(self, name: str, look: _Look, light: Light) -> bool:
        """Whether all looks of the last minutes were clearer: cars on a bare road bring edges with them, and drive on."""
        if _clearer(look, light.ordinary.clarity) <= _CLEAR[1]:
            self._clear.pop(name, None)
            return False
        return look.time - self._clear.setdefault(name, look.time) >= GAP

    def _add(self, name: str, look: _Look, seen: Seen, valid: Mask) -> None:
        """To what is learnt of a light, from looks in air as clear."""
        light = self.bank.light(name)
        if light is None or not self.bank.due(name, look.time):
            return
        if _CLEAR[0] < _clearer(look, light.ordinary.clarity) < _CLEAR[1]:
            rest = residue(seen.features, light.gather.base.features(), valid)
            self.bank.learn(name, rest, valid, look.time)

    def _judged(self, look: _Look, seen: Seen, fit: Mask) -> Evidence | NoJudgement:
        names = self.bank.nearest(look.light, frozen=True, judging=True)
        root = next((name for name in names if self.bank.light(name) is not None), None)
        if root is None:
            damaged = not self.bank.nearest(look.light, frozen=True) or bool(self.bank.problems())
            return NoJudgement.because(Silence.DAMAGED if damaged else Silence.UNREFERENCED, look.light)
        colour = look.light != INFRARED
        usual, root = self._chosen(look, names, root)
        found = compared(seen.features, usual, seen.known, fit, colour=colour)
        self._follow(look, seen, fit, root, found)
        return Evidence(
            found.change,
            bared(found, usual, colour=coloured(look.light)),
            look.time,
            look.light,
            self.bank.reference(root),
        )

    def _chosen(self, look: _Look, names: list[str], root: str) -> tuple[Usual, str]:
        """The reference of this very light where that was seen in air as clear; else the nearest one that was."""
        own = self.bank.light(look.light)
        if own is not None and _clearer(look, own.ordinary.clarity) < _CLEAR[1]:
            return self.bank.usual(look.light), root
        clear = [name for name in names if _clearer(look, self.bank.clarity(name)) < _CLEAR[1]]
        for name in clear[:_TRIES]:
            if self.bank.light(name) is not None:
                return self._borrowed(name), name
        return self._borrowed(root), root

    def _follow(self, look: _Look, seen: Seen, fit: Mask, root: str, found: Compared) -> None:
        """Learns what a frozen reference vouches for, pixel by pixel."""
        own = self.bank.light(look.light)
        if own is None:
            if _clearer(look, self.bank.clarity(root)) > _CLEAR[0]:
                self._begun(look, seen, fit, root, found)
        elif name := self._waiting(look):
            vouching = found
            if own.model is None:
                vouching = compared(
                    seen.features, self._borrowed(root), seen.known, fit, colour=look.light != INFRARED
                )
            self._add(name, look, seen, _vouched(vouching, fit))

    def _waiting(self, look: _Look) -> str | None:
        """Of the lights that are due the one that learnt longest ago: a look has time for one."""
        names = (look.light, DAYLIGHT)[: 1 + coloured(look.light)]
        due = [name for name in names if self.bank.due(name, look.time)]
        return min(due, key=self.bank.learnt, default=None)

    def _begun(self, look: _Look, seen: Seen, fit: Mask, root: str, found: Compared) -> None:
        """A light seen for the first time after the freeze: begun from the nearest frozen one as this light shows it."""
        means = np.stack([getattr(seen.features, name) - getattr(found.rest, name) for name in MEANS])
        light = self.bank.light(root)
        assert light is not None
        assert light.model is not None
        base = light.model.relit(means)
        self.bank.begin(look.light, look.picture, seen, base, look.time)
        if self.bank.light(look.light) is not None:
            self.bank.learn(look.light, found.rest, _vouched(found, fit), look.time)

    def _borrowed(self, root: str) -> Usual:
        """A frozen reference for looks in another light."""
        light = self.bank.light(root)
        assert light is not None
        assert light.model is not None
        dated = light.kept.base, self.bank.frozen
        if self._ready is None or self._ready[0] != dated:
            self._ready = dated, Usual.of(light.model, same=False, colours=self.bank.colours(root))
        return self._ready[1]


def _clearer(look: _Look, than: float) -> float:
    """How many times as clear its air is."""
    return Ordinary.of(look.measures).clarity / max(than, 1e-6)


def _seen(look: _Look, laid: Laid, occupied: Boxes) -> Seen:
    shape = look.grey.shape[0], look.grey.shape[1]
    over = laid.over(look.small)
    known = laid.reach(shape) & ~_boxed(laid.boxes(occupied, shape), shape)
    grey = np.asarray(cv2.cvtColor(over, cv2.COLOR_BGR2GRAY), np.uint8)
    return Seen(Features.of(over), grey, known, Ordinary.of(look.measures))


def _boxed(boxes: Floats, shape: tuple[int, int]) -> Mask:
    """bool [h, w]: in a vehicle's box or in the margin around it."""
    mask = np.zeros(shape, bool)
    size = np.array([shape[1], shape[0]] * 2)
    for box in boxes:
        margin = np.maximum(_MARGIN * (box[2:] - box[:2]), _LEAST_MARGIN)
        left, top, right, bottom = (
            (np.concatenate([box[:2] - margin, box[2:] + margin]) * size).round().astype(int)
        )
        mask[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
    return mask


def _vouched(found: Compared, fit: Mask) -> Mask:
    """Where the look surely shows the old surface, and so does everything near."""
    with np.errstate(invalid="ignore"):
        doubtful = (found.change >= 0.5).astype(np.uint8)
        same = found.change < _SAME
    near = cv2.dilate(
        cv2.morphologyEx(doubtful, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.ones(_NEAR[::-1], np.uint8)
    )
    return np.asarray(same & fit & (near == 0), np.bool_)
