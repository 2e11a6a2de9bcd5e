"""One look against how the ground looked: how sure it is that a surface is another one. Pure.

Five signs, each in sigmas of what that pixel usually does: tint (no shadow changes it), warmth beyond what the
going of the sun explains, fine structure beyond a change of contrast, brightness, which is worth something in the same
light alone, and being brighter than all around where it was not: no shadow makes that.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import cv2
import numpy as np

from inference.land import soil
from inference.land.features import AROUND, PATCH, Features, Floats, Mask, grain, patched
from inference.land.model import Model, steep
from inference.land.relight import Residue, residue

_UNSHADED: Final = -0.1  # of luma against what is around: darker may have been a shadow, which has gone on
_GLINT: Final = 0.08  # 1 sigma of luma against what is around: slopes and stalks turn to and from the sun
_WINDOW: Final = (9, 5)  # px that structure is judged in
_BROAD: Final = (13, 7)  # px in which structure is held against the old one: less is chance
_ALIKE: Final = 0.15  # 1 sigma of how alike, -1 to 1, the structure of a place is that did not change
_SMOOTH: Final = 0.005  # of fine structure: less is no structure
_AVERAGED: Final = 0.4  # of the grain that is left in the mean of a patch: neighbours share some of it
_TINT_NOISE, _WARMTH_NOISE = 2.4, 1.4  # of ln R + ln B - 2 ln G, root of 6; of ln R - ln B
_ASTRAY: Final = 0.35  # px that a registered pixel may be off: what the gate lets through
_GREENER: Final = (-0.10, 0.10)  # the same of tint
_SHADED: Final = (0.35, 2.5)  # contrast that a shadow leaves, or the sun adds
_OWN: Final = {
    "tint": 8.0,
    "warmth": 6.0,
    "fine": 4.5,
    "lost": 3.4,
    "luma": 3.6,
    "bump": 4.0,
}  # sigmas a sign may count at most
_BORROWED: Final = {
    "tint": 8.0,
    "warmth": 5.0,
    "fine": 3.0,
    "lost": 2.5,
    "luma": 0.0,
    "bump": 4.0,
}  # the same against another light
_OTHER_LIGHT: Final = {"tint": 0.065, "warmth": 0.09, "fine": 0.02}  # 1 sigma that another light adds
_EVEN: Final = 3.5  # sigmas at which it is as likely as not
_SURER: Final = 1.5  # per sigma, of the logit
_TELLING: Final = 0.3  # of tint between plants and soil
_ENOUGH: Final = 2.5  # sigmas that such a change must make before its absence says anything
_TRUSTED: Final = 0.9  # of the distance from even that a judgement against another light keeps
_UNLIKE: Final = (
    0.05  # share of pixels whose brightness is 3 sigma off: the sky is another one, and shadows fall anew
)
_BLOCKS: Final = (
    17,
    17,
)  # px: encoders leave colour in blocks of this size, which fall differently each time
_GREY_SAME: Final = 0.3  # without colour: of the distance from even, for a surface that looks unchanged
# px about a place, of every fourth, that tell how much of what light may do this light does: some fifty digs of 20 m2 at
# 300 m, one of 120 m2 at 100 m is a fifth of it.
_ABOUT: Final = (61, 25)
_EVERY: Final = 4
_FEW: Final = 0.05  # share of those that must be known
_NORMAL: Final = 0.63  # mean size of a normal deviation that counts 1 sigma at most
_CALM: Final = 0.5  # share of the usual spread that is left in the calmest light: leaves and clods, encoders
_LEAST_LOOKS: Final = 2  # in this light before a pixel's reference is its own


@dataclass(frozen=True, slots=True)
class Usual:
    """A model made ready for many comparisons; float32 [h, w] each.

    sigmas: of tint, warmth and luma in the mean of a patch, without grain; "astray": what a registered pixel's error
    does to luma. structure: of the fine one, squared, in its window; energy: of what is there. bump: luma less its
    mean around. soil: how much it, or what is around it, looks like bare soil, 0 to 1; warm: the warmth of either;
    green: how much like plants. own: 1 where it was seen in the light it stands for, 0 where it is borrowed from another.
    """

    features: Features
    sigmas: dict[str, Floats]
    structure: Floats
    energy: Floats
    bump: Floats
    soil: Floats
    warm: Floats
    green: Floats
    own: Floats

    @classmethod
    def of(cls, model: Model, *, same: bool, colours: Model | None = None) -> Self:
        """same: whether the model is of the light it stands for at all. colours: tint and warmth as all lights of the
        day showed them, with what light does to them in their spread; None: the model's own."""
        then, spreads = model.features(), model.sigmas()
        own = ((model.looks >= _LEAST_LOOKS) & same).astype(np.float32)
        other = dict(_OTHER_LIGHT)
        if colours is not None:
            general, known = colours.features(), colours.sigmas()
            then = replace(then, tint=general.tint, warmth=general.warmth)
            for name in ("tint", "warmth"):
                spreads[name] = known[name]
                del other[name]
        for name in ("tint", "warmth"):
            spreads[name] = np.asarray(cv2.sqrt(cv2.blur(spreads[name] ** 2, _BLOCKS)), np.float32)
        for name, more in other.items():
            spreads[name] = _both(spreads[name], (1 - own) * np.float32(more))
        sigmas = {
            name: _both(spreads[name], cv2.blur(steep(getattr(then, name)), PATCH) * np.float32(_ASTRAY))
            for name in ("tint", "warmth", "luma")
        }
        sigmas["astray"] = np.asarray(cv2.blur(steep(then.luma), PATCH) * np.float32(_ASTRAY), np.float32)
        astray = steep(then.fine) * np.float32(_ASTRAY)
        structure = _mean(spreads["fine"] ** 2 + astray**2)
        # Where a puddle stood, or a lorry, while all around was soil, it is no news that there is soil.
        bare, warm = soil.around(soil.likeness(then.tint, then.warmth)), soil.around(patched(then.warmth))
        green = soil.verdure(then.tint)
        return cls(then, sigmas, structure, _mean(then.fine**2), _bump(then.luma), bare, warm, green, own)


@dataclass(frozen=True, slots=True)
class Compared:
    """change: float32 [h, w] as Evidence has it. rest: what the look differs by, in its own light."""

    change: Floats
    rest: Residue


def compared(look: Features, usual: Usual, known: Mask, fit: Mask, *, colour: bool) -> Compared:
    """known: bool [h, w], False where nothing is said. fit: the same for what the light is fitted to.
    colour: False in infrared."""
    rest = residue(look, usual.features, fit)
    noise = grain(look.luma)
    luma = patched(rest.luma)
    bright = luma / _sigma("luma", luma, usual, rest, noise, fit)
    shining = _alike(bright, usual.own, fit)
    total: Floats = np.maximum(
        _square(_structure(look, usual, rest.gains["luma"], noise), _most("fine", usual.own)),
        _square(_lost(look, usual, rest.gains["luma"], noise, fit), _most("lost", usual.own)),
    )
    shine = _square(_brightened(look, usual, rest, noise), _most("bump", usual.own))
    if shining:  # the same brightness, told in two ways: it does not count twice
        shine = np.asarray(cv2.max(shine, _square(bright, _most("luma", usual.own))), np.float32)
    total += shine
    blind = None
    if colour:
        tint, warmth = patched(rest.tint), patched(rest.warmth)
        sigma = _sigma("tint", tint, usual, rest, noise * np.float32(_TINT_NOISE), fit)
        total += _square(_beyond(tint, luma, _GREENER) / sigma, _most("tint", usual.own))
        blind = sigma > np.float32(_TELLING / _ENOUGH)
        sigma = _sigma("warmth", warmth, usual, rest, noise * np.float32(_WARMTH_NOISE), fit)
        total += _square(_beyond(warmth, luma, soil.SUNNIER) / sigma, _most("warmth", usual.own))
    change = 1 / (1 + cv2.exp(np.float32(_SURER) * (np.float32(_EVEN) - cv2.sqrt(total))))
    off = (change - np.float32(0.5)) * (np.float32(_TRUSTED) + np.float32(1 - _TRUSTED) * usual.own)
    change = np.float32(0.5) + (off if colour else np.where(off < 0, off * np.float32(_GREY_SAME), off))
    change[~known if blind is None else ~known | (blind & (change < 0.5))] = np.nan
    return Compared(np.asarray(change, np.float32), rest)


def _mean(layer: Floats) -> Floats:
    return np.asarray(cv2.blur(layer, _WINDOW), np.float32)


def _sigma(name: str, sign: Floats, usual: Usual, rest: Residue, noise: Floats, fit: Mask) -> Floats:
    """1 sigma of the mean of a sign in this look."""
    sigma = _with(usual.sigmas[name], rest.gains[name], noise)
    return sigma * _calm(sign / sigma, fit)


def _with(sigma: Floats, gain: Floats, noise: Floats) -> Floats:
    """What the reference leaves open grows where haze is taken off it, and does not shrink where haze is added."""
    sigma = sigma * np.maximum(gain, 1)
    return np.asarray(cv2.magnitude(sigma, noise * np.float32(_AVERAGED)), np.float32)


def _calm(sigmas: Floats, fit: Mask) -> Floats:
    """0.35 to 1: how much of its usual spread a sign has about a place in this look, where everything stands in the same
    light. What deviates counts 1 sigma at most, so that a dig does not excuse itself."""
    use = fit[::_EVERY, ::_EVERY].astype(np.float32)
    size = np.minimum(np.abs(sigmas[::_EVERY, ::_EVERY]), np.float32(1)) * use
    mean = cv2.blur(size, _ABOUT) / (cv2.blur(use, _ABOUT) + np.float32(1e-3))
    calm = np.clip(mean / np.float32(_NORMAL), _CALM, 1)
    calm[cv2.blur(use, _ABOUT) < np.float32(_FEW)] = 1
    return np.asarray(cv2.resize(calm, sigmas.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _both(one: Floats, other: Floats) -> Floats:
    """Two independent sigmas as one."""
    return np.asarray(cv2.magnitude(one, other), np.float32)


def _bump(luma: Floats) -> Floats:
    return np.asarray(cv2.blur(luma, PATCH) - cv2.blur(luma, AROUND), np.float32)


def _brightened(look: Features, usual: Usual, rest: Residue, noise: Floats) -> Floats:
    """Sigmas by which a place is brighter than what is around it now, and was not."""
    before = usual.bump * rest.gains["luma"]
    up = np.maximum(_bump(look.luma) - before, 0) * (before > _UNSHADED)
    steepness = usual.sigmas["astray"] * rest.gains["luma"]
    return np.asarray(
        up / cv2.sqrt(steepness**2 + (noise * np.float32(_AVERAGED)) ** 2 + np.float32(_GLINT**2)), np.float32
    )


def _alike(bright: Floats, own: Floats, fit: Mask) -> bool:
    use = fit[::4, ::4] & (own[::4, ::4] > 0)
    return bool(use.any()) and float((np.abs(bright[::4, ::4][use]) > 3).mean()) < _UNLIKE


def _most(name: str, own: Floats) -> Floats:
    return np.asarray(_BORROWED[name] + own * np.float32(_OWN[name] - _BORROWED[name]), np.float32)


def _beyond(sign: Floats, luma: Floats, share: tuple[float, float]) -> Floats:
    """What is left of the mean of a sign when the sun's coming and going explains as much of it as it can."""
    one, other = luma * np.float32(share[0]), luma * np.float32(share[1])
    return np.asarray(
        sign - np.minimum(np.maximum(sign, cv2.min(one, other)), cv2.max(one, other)), np.float32
    )


def _structure(look: Features, usual: Usual, contrast: Floats, noise: Floats) -> Floats:
    """Sigmas: energy of the fine structure that no change of contrast explains, over what is usual."""
    both, now, grains = _mean(look.fine * usual.features.fine), _mean(look.fine**2), _mean(noise * noise)
    scale = both / (usual.energy + grains)
    scale = cv2.min(cv2.max(scale, contrast * np.float32(_SHADED[0])), contrast * np.float32(_SHADED[1]))
    left = now + scale * (scale * usual.energy - 2 * both)
    expected = grains + usual.structure * np.maximum(scale * scale, 1)
    return (cv2.sqrt(np.maximum(left / expected, 1)) - 1) * np.float32(1.5)  # type: ignore[no-any-return]


def _lost(look: Features, usual: Usual, contrast: Floats, noise: Floats, fit: Mask) -> Floats:
    """Sigmas by which the fine structure is less the old one than it should be by what is usual of a place, and by how
    well the old structure is found again all around in this look. No colour and no brightness counts: earth on earth.
    Where another light turns bright into dark it is the same structure."""
    then, now = usual.features.fine, look.fine
    energy, today = _broad(then * then), _broad(now * now)
    alike = _broad(now * then) / cv2.sqrt(today * energy + np.float32(_SMOOTH**4))
    blurred = _broad(usual.structure + noise * noise / (contrast * contrast))
    expected = 1 / cv2.sqrt(1 + blurred / (energy + np.float32(1e-8)))
    use = np.where(fit, expected, 0)[::_EVERY, ::_EVERY]
    found = cv2.blur(alike[::_EVERY, ::_EVERY] * use, _ABOUT) / (
        cv2.blur(expected[::_EVERY, ::_EVERY] * use, _ABOUT) + np.float32(1e-3)
    )
    found = cv2.resize(np.clip(found, 0, 1), expected.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(expected * found - np.abs(alike), 0) / np.float32(_ALIKE), np.float32)


def _broad(layer: Floats) -> Floats:
    return np.asarray(cv2.blur(layer, _BROAD), np.float32)


def _square(sigmas: Floats, most: Floats) -> Floats:
    limited = cv2.min(np.abs(sigmas), most)
    return np.asarray(limited * limited, np.float32)


def bared(found: Compared, usual: Usual, *, colour: bool) -> Floats:
    """float32 [h, w], -1 to 1: how much more it looks like bare soil than it did, both as the reference's air shows it;
    NaN where nothing is said. colour: False by night as well: lamps have a colour of their own, and the dark has none."""
    if not colour:
        return np.full(found.change.shape, np.nan, np.float32)
    then, rest = usual.features, found.rest
    tint = then.tint + rest.tint / rest.gains["tint"]
    warmth = then.warmth + rest.warmth / rest.gains["warmth"]
    gained = soil.gained(tint, warmth, rest.luma, usual.soil, usual.warm, usual.green)
    gained[np.isnan(found.change)] = np.nan
    return gained
