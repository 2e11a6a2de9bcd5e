"""What is measured, in which order."""

from dataclasses import dataclass, field

from bench.talkback.losses import Loss
from bench.talkback.survey import Heard, Scene

RELAYS = ("ours", "aiortc")
_SINGLE = Loss(every=100)  # one packet in 2 s: each loss is alone


@dataclass(frozen=True, slots=True)
class Plan:
    """seconds: of speech per kind of loss; presses: of the button; joins: and leaves; crowds: numbers of listeners;
    full: of those, the one for which every kind of loss is measured (5 % for the others)."""

    seconds: float
    presses: int
    joins: int
    crowds: tuple[int, ...]
    full: int
    losses: tuple[Loss, ...]


WHOLE = Plan(
    seconds=20.0,
    presses=50,
    joins=1000,
    crowds=(1, 10, 30),
    full=10,
    losses=tuple(Loss(rate, bursts) for bursts in (False, True) for rate in (0.02, 0.05, 0.10)),
)
QUICK = Plan(seconds=3.0, presses=8, joins=50, crowds=(10,), full=10, losses=(Loss(0.05),))
_FEW = (Loss(0.05),)


@dataclass(slots=True)
class Crowd:
    """One relay with one number of listeners. clean: before anything was ever lost; single: one packet lost now and
    then; heard: by name of the loss; after: when all losses are over; pressed: ms (ours alone)."""

    cpu: float
    clean: Heard
    single: Heard
    heard: dict[str, Heard]
    after: Heard
    pressed: dict[str, list[float]] = field(default_factory=dict)
    held: tuple[dict[str, int], ...] = ()
    """What the relay held before, in the middle and after many joins and leaves (ours alone)."""


Found = dict[str, dict[int, Crowd]]


def measure(plan: Plan) -> Found:
    """By relay, by listeners."""
    return {which: {count: _crowd(which, count, plan) for count in plan.crowds} for which in RELAYS}


def _crowd(which: str, listeners: int, plan: Plan) -> Crowd:
    losses = plan.losses if listeners == plan.full else _FEW
    with Scene(which, listeners) as scene:
        found = Crowd(
            cpu=scene.cpu(plan.seconds / 2),
            clean=scene.play("marks", plan.seconds, Loss()),
            single=scene.play("tone", plan.seconds, _SINGLE),
            heard={loss.name: scene.play("marks", plan.seconds, loss) for loss in losses},
            after=scene.play("marks", plan.seconds, Loss()),
        )
        if which == "ours" and listeners == plan.full:
            found.held = tuple(_held(scene, plan.joins))
            found.pressed = scene.press(plan.presses)
    return found


def _held(scene: Scene, joins: int) -> list[dict[str, int]]:
    """Before, after half of them, after all."""
    found = [scene.held()]
    for _ in range(2):
        for _ in range(joins // 2):
            scene.join("passer-by")
            scene.leave("passer-by")
        found.append(scene.held())
    return found
