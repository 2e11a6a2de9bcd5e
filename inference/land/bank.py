"""The references of one camera's view: a picture and a model per light, learnt by itself, frozen, dated and hashed.

After the freeze a pixel is learnt from a look only where that look agrees with a frozen reference: a dig never becomes
the usual, however slowly it grows, and a light seen for the first time is borrowed from the nearest frozen one until
its own looks, vouched for pixel by pixel, replace it.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.change import Reference
from inference.land.compare import Usual
from inference.land.features import Features, Mask, Picture
from inference.land.gather import Gather
from inference.land.light import DAYLIGHT, apart, coloured, comparable
from inference.land.model import Model, single
from inference.land.packing import packed_gather, packed_model, unpacked_gather, unpacked_model
from inference.land.register import Frame
from inference.land.relight import Residue
from inference.land.store import Damaged, Kept, Store, problem
from inference.land.usable import Ordinary
from streams.problem import Problem

SETTLE: Final = 172_800.0  # s of learning before a bank freezes by itself: each light twice, and of two days one may be wet
GAP: Final = 600.0  # s between two looks that one light learns from: a shadow has gone on by 2.5 degrees
_LEAST_CLARITY: Final = (
    0.6  # of the clearest light: low suns and clouds leave 0.7 and more, rain and haze less
)
# lights in memory: this one, the daylight, its frozen neighbour and one that was tried; some 40 MB each, ready to compare
_RESIDENT: Final = 4
_LOSS: Final = 3600.0  # s of learning beside what is frozen that a restart may lose: cards wear
_MOST: Final = 15  # lights: eight parts of a day or twelve hours, twilight, night, infrared; and daylight


@dataclass(slots=True)
class Light:
    """One light's reference in memory. model: what looks are judged against once it is frozen. gather: what it is
    learnt from; after the freeze, what a later one may become. frame: what pictures are registered to. learnt: s since
    1970, last; written: the same, of what lies on disk."""

    kept: Kept
    model: Model | None
    gather: Gather
    frame: Frame
    ordinary: Ordinary
    learnt: float
    written: float | None = None
    usual: Usual | None = None


class Bank:
    """One camera's, from one place it points at. One thread."""

    def __init__(self, store: Store, settle: float = SETTLE) -> None:
        self._store, self._settle = store, settle
        self._kept: dict[str, Kept] = {}
        self._lights: dict[str, Light] = {}
        self._damaged: dict[str, str] = {}
        self._unreadable = False
        self.grid: tuple[int, int] | None = None
        """Width and height of what is compared, px; None before the first look."""
        self.began: float | None = None
        self.frozen: float | None = None
        """s since 1970 when it was frozen last; None while everything is still learnt."""

    @classmethod
    def opened(cls, folder: Path, settle: float = SETTLE) -> "Bank":
        """What lies in the folder, which need not exist. Every file is checked against its hash; `problems` tells what is
        damaged, and nothing is judged by that."""
        bank = cls(Store(folder), settle)
        try:
            facts, bank._kept = bank._store.list()
        except Damaged as error:
            bank._unreadable, bank._damaged = True, {"": error.what}
            return bank
        if facts:
            bank.grid = facts["grid"][0], facts["grid"][1]
            bank.began, bank.frozen = facts["began"], facts["frozen"]
        for light, kept in bank._kept.items():
            bank._try(light, kept)
        return bank

    @property
    def broken(self) -> bool:
        """Whether no reference is left to judge by, though there was one."""
        return self._unreadable or (bool(self._damaged) and not self.lights)

    @property
    def lights(self) -> dict[str, Reference]:
        """All that are whole."""
        return {each: self.reference(each) for each in self._whole() if each != DAYLIGHT}

    def problems(self) -> list[Problem]:
        """For the technician: what is missing or damaged."""
        return [problem(what) for what in self._damaged.values()]

    def picture(self, light: str) -> Path:
        """The kept picture, lossless PNG, as the camera sent it. KeyError: no such light."""
        return self._store.picture_path(light, self._kept[light].picture)

    def reference(self, light: str) -> Reference:
        kept = self._kept[light]
        return Reference(kept.taken, kept.picture, light)

    def nearest(self, light: str, *, frozen: bool = False, judging: bool = False) -> list[str]:
        """Whole lights, the most alike first. frozen: only such. judging: only those a look in this light may be
        judged by; else those it may be registered to."""
        found = [
            name
            for name, kept in self._whole().items()
            if name != DAYLIGHT
            and (not frozen or (kept.frozen is not None and not kept.derived))
            and (not judging or comparable(light, name))
        ]
        return sorted(found, key=lambda name: (apart(light, name), name))

    def light(self, name: str) -> Light | None:
        """In memory from now on; None: not known, or damaged, which `problems` tells from now on."""
        if name not in self._whole():
            return None
        if not self.picture(name).exists():
            self._lose(name, self.picture(name).name)
            return None
        if name not in self._lights:
            try:
                self._lights[name] = self._load(name)
            except Damaged as error:
                self._lose(name, error.what)
                return None
        self._lights[name] = self._lights.pop(name)  # the newest is last
        self._make_room()
        return self._lights[name]

    def begin(self, name: str, picture: Picture, look: "Seen", base: Model | None, time: float) -> None:
        """A light seen for the first time. picture: as the camera sent it, kept as proof. base: frozen, of the
        nearest light, fitted to this one; None: before the freeze, where the look itself is the base."""
        if len(self._kept) >= _MOST or name in self._damaged:
            return
        self.grid = look.grey.shape[1], look.grey.shape[0]
        self.began = time if self.began is None else self.began
        sha256 = self._store.keep_picture(name, picture)
        kept = Kept(time, sha256, "", "", self.frozen, self.frozen is not None, look.ordinary.clarity)
        gather = Gather.begun(base if base is not None else single(look.features, look.known))
        self._kept[name] = kept
        self._lights[name] = Light(kept, None, gather, Frame(look.grey), look.ordinary, float("-inf"))
        self._make_room()

    def learn(self, name: str, rest: Residue, valid: Mask, time: float) -> None:
        """rest: a look less the light's `gather.base`, in the look's light. valid: bool [h, w]."""
        light = self._lights[name]
        light.gather.add(rest, valid)
        light.learnt = time
        if light.model is None:
            light.usual = None

    def usual(self, name: str) -> Usual:
        """What a look is judged against: of a light begun after the freeze, its own pixels where frozen references
        vouched for them, borrowed ones elsewhere."""
        light = self._lights[name]
        if light.usual is None:
            light.usual = Usual.of(light.model or light.gather.model(), same=True, colours=self.colours(name))
        return light.usual

    def colours(self, name: str) -> Model | None:
        """What a look in this light is to be held against for its colours; None: the light's own."""
        general = self.light(DAYLIGHT) if coloured(name) else None
        return None if general is None else general.model

    def due(self, name: str, time: float) -> bool:
        """Whether this light has not learnt for a while, or the clock was set back."""
        light = self.light(name)
        return light is not None and not 0 <= time - light.learnt < GAP

    def learnt(self, name: str) -> float:
        """s since 1970, last. KeyError: no such light in memory."""
        return self._lights[name].learnt

    def settled(self, time: float) -> bool:
        return self.frozen is None and self.began is not None and time - self.began >= self._settle

    def freeze(self, now: float) -> None:
        """What was learnt becomes what looks are judged against, dated now. Once frozen, only what agreed with the
        frozen references was learnt, so that a second freeze follows the seasons and leaves every dig as it was before.
        A light that was seen in rain or haze alone is given up: it begins anew in clear air, from its neighbours.
        """
        for name in self._unclear():
            del self._kept[name]
            self._lights.pop(name, None)
        for name in self._whole():
            light = self.light(name)
            if light is None or not light.gather.looks:
                continue
            light.model = light.gather.model()
            light.gather = Gather.begun(light.model)
            light.kept = replace(light.kept, base="", frozen=now, derived=False)
            light.usual = None
            self._put(name, light)
        for light in self._lights.values():
            light.usual = None  # its colours are others
        self.frozen = now
        self.save()

    def save(self) -> None:
        """What changed since the last time; beside what is frozen, once an hour."""
        for name, light in self._lights.items():
            if self._due_on_disk(light):
                self._put(name, light)
        if self.grid is not None and not self._unreadable:
            facts = {"grid": self.grid, "began": self.began, "frozen": self.frozen}
            self._store.keep_list(facts, self._kept)

    def restart(self) -> None:
        """A person says that today's ground is the usual: everything is forgotten, and learnt anew."""
        self._store.clear()
        self._kept, self._lights, self._damaged = {}, {}, {}
        self._unreadable, self.grid, self.began, self.frozen = False, None, None, None

    def _whole(self) -> dict[str, Kept]:
        return {name: kept for name, kept in self._kept.items() if name not in self._damaged}

    def _unclear(self) -> list[str]:
        by_day = {name: kept for name, kept in self._whole().items() if coloured(name) and name != DAYLIGHT}
        best = max((kept.clarity for kept in by_day.values()), default=0.0)
        return [name for name, kept in by_day.items() if kept.clarity < _LEAST_CLARITY * best]

    def clarity(self, name: str) -> float:
        """Of the air a whole light's picture was taken in."""
        return self._kept[name].clarity

    def _lose(self, name: str, what: str) -> None:
        self._damaged[name] = what
        self._lights.pop(name, None)

    def _try(self, name: str, kept: Kept) -> None:
        try:
            self._store.check_picture(name, kept.picture)
            for arrays in (kept.base, kept.gathered):
                self._store.arrays(name, arrays)
        except Damaged as error:
            self._lose(name, error.what)

    def _make_room(self) -> None:
        while len(self._lights) > _RESIDENT:
            name = next(iter(self._lights))
            light = self._lights.pop(name)
            if light.written != light.learnt:
                self._put(name, light)
                self.save()

    def _due_on_disk(self, light: Light) -> bool:
        if self.frozen is None or light.written is None:
            return light.written != light.learnt
        return abs(light.learnt - light.written) >= _LOSS

    def _put(self, name: str, light: Light) -> None:
        base = light.kept.base
        if not base:
            arrays: dict[str, Any] = {**packed_model(light.gather.base), "grey": light.frame.grey}
            arrays |= {"texture": light.ordinary.texture, "sharpness": light.ordinary.sharpness}
            arrays["shades"] = np.array([light.ordinary.mean, light.ordinary.white])
            base = self._store.keep_arrays(name, arrays)
        gathered = {**packed_gather(light.gather), "learnt": np.array(light.learnt)}
        sha256 = self._store.keep_arrays(name, gathered)
        light.kept = self._kept[name] = replace(light.kept, base=base, gathered=sha256)
        light.written = light.learnt

    def _load(self, name: str) -> Light:
        kept = self._kept[name]
        base, gathered = (self._store.arrays(name, each) for each in (kept.base, kept.gathered))
        try:
            mean, white = (float(each) for each in base["shades"])
            ordinary = Ordinary(base["texture"], base["sharpness"], mean, white)
            ground, learnt = unpacked_model(base), float(gathered["learnt"])
            model = None if kept.frozen is None or kept.derived else ground
            gather = unpacked_gather(ground, gathered)
            return Light(kept, model, gather, Frame(base["grey"]), ordinary, learnt, learnt)
        except (KeyError, ValueError):
            raise Damaged(name) from None


@dataclass(frozen=True, slots=True)
class Seen:
    """One look in the references' frame. grey: uint8 [h, w]. known: bool [h, w], False outside the picture and behind
    vehicles and people."""

    features: Features
    grey: Picture
    known: Mask
    ordinary: Ordinary
