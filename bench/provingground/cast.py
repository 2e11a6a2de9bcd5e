"""The demo site and its actors as objects of the scene."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.provingground import stage
from bench.provingground.blend import land, light, objects
from bench.provingground.fleet.model import Model
from bench.provingground.ground import Ground
from bench.provingground.lamps import Lit
from bench.provingground.script import Script, Spec, State, Still
from bench.provingground.sensor import Lamp
from bench.provingground.transforms import Matrix, move, turn_z
from bench.provingground.truth import Thing

_HEADLAMP = 9000  # W of the renderer's spot light


def furnish(ground: Ground, folder: Path) -> None:
    """An empty scene, then the demo site in it. folder: gets the textures."""
    objects.reset()
    textures = folder / "textures"
    textures.mkdir(exist_ok=True)
    land.Land(ground, textures, fine=0.4, detail=(-60, 75, -12, 62))
    land.furnish(ground, 2, stage.clearing(), south=False)


def lighten(name: stage.Name) -> None:
    """The sky of a script, and its lamps."""
    sun = stage.LIGHTS[name].sun
    if sun is not None:
        light.clear_sky(*sun)
        return
    light.night_sky(0.12)
    for lamp in stage.night_lamps():
        light.spot(lamp)


class Cast:
    """The actors as objects of the scene. lamps: those that are on, as the lens sees them; lit: who has them on."""

    def __init__(self, ground: Ground, script: Script) -> None:
        self._ground, self.script = ground, script
        self._models: dict[Spec, Model] = {}
        self._meshes: dict[Spec, Any] = {}
        self._objects: dict[int, Any] = {}
        self._shown: dict[int, Thing] = {}
        self._spots: list[Any] = []
        self.lamps: list[Lamp] = []
        self.lit: set[int] = set()

    def build(self) -> None:
        for actor in self.script.actors:
            first = next(state for time in self.script.times() if (state := actor.at(time)) is not None)
            model = self._model(first.spec)
            thing = objects.add(
                model.kind, self._mesh(first.spec), objects.AWAY, bevel=model.bevel, number=actor.number
            )
            objects.repaint(thing, *actor.livery)
            self._objects[actor.number] = thing

    def play(self, time: float, *, movers: bool) -> None:
        """Put everything where it is at `time`; without movers, only what never moves."""
        self._shown = {}
        for actor in self.script.actors:
            state = actor.at(time) if movers or isinstance(actor, Still) else None
            thing = self._objects[actor.number]
            if state is None:
                objects.put(thing, objects.AWAY)
                continue
            if thing.data != self._mesh(state.spec):
                thing.data = self._mesh(state.spec)
            frame = self._standing(state)
            objects.put(thing, frame)
            self._shown[actor.number] = Thing(actor.number, self._model(state.spec), frame)
        self._light_up()

    def movers(self, time: float) -> Iterable[tuple[int, object, Thing]]:
        """Number, a key of how it stands, and the thing, of everything that ever moves or changes."""
        for actor in self.script.actors:
            state = actor.at(time)
            if state is not None and not isinstance(actor, Still):
                yield actor.number, state, self._shown[actor.number]

    def things(self) -> list[Thing]:
        return list(self._shown.values())

    def _light_up(self) -> None:
        """Lamps of what drives with its lamps on."""
        lit = Lit()
        self.lit = set()
        for actor in self.script.actors:
            thing = self._shown.get(actor.number)
            if thing is not None and actor.lamps_on:
                lit.headlights(thing, _HEADLAMP)
                self.lit.add(actor.number)
        objects.remove_all(self._spots)
        self._spots = [light.spot(spot) for spot in lit.spots]
        self.lamps = lit.lamps

    def _standing(self, state: State) -> Matrix:
        if state.level is not None:
            return move(state.x, state.y, state.level) @ turn_z(state.yaw)
        if self._model(state.spec).label == "person":
            return move(state.x, state.y, float(self._ground.height(state.x, state.y))) @ turn_z(state.yaw)
        return self._ground.stand(state.x, state.y, state.yaw)

    def _model(self, spec: Spec) -> Model:
        if spec not in self._models:
            self._models[spec] = spec.build()
        return self._models[spec]

    def _mesh(self, spec: Spec) -> Any:
        if spec not in self._meshes:
            self._meshes[spec] = objects.mesh(self._model(spec).kind, self._model(spec).shape)
            self._meshes[spec].use_fake_user = True
        return self._meshes[spec]
