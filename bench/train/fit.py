"""The training loop. Start it under `torchrun`; stop it any time, go on with `resume`.

The CUDA path (pinned memory, bf16 autocast, workers that read ahead) has not been run yet.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from bench.train.augment import SIZE, View
from bench.train.augment.place import read_picture
from bench.train.deck import Deck
from bench.train.loss import Cells, Target, detection_loss
from bench.train.network import Detector, with_classes
from bench.train.processes import Team
from bench.train.samples import Sample
from bench.train.schedule import Schedule
from bench.train.sources import CLASSES
from bench.train.state import Run
from bench.train.weights import load, unfold

_COCO_CLASSES = 80
# Where our classes start. An excavator does not start from the truck it used to be called.
_COCO_ROWS = {"truck": 7, "bus": 5, "car": 2, "person": 0, "motorcycle": 3, "vessel": 8}
_SAVE_EVERY = 300.0  # s
_TELL_EVERY = 20  # steps
_STEEPEST = 20.0  # norm at which gradients are clipped
_MEASURED = 96  # pictures from which the norms' statistics are measured


@dataclass(frozen=True)
class Plan:
    """What one call of `fit` does. weights: to start from. folder: where the state is kept. batch: pictures per
    process and step. minutes: of this call, not of the run."""

    weights: Path
    folder: Path
    schedule: Schedule
    minutes: float = float("inf")
    batch: int = 16
    rate: float = 1e-3
    decay: float = 0.02
    seed: int = 1
    device: str = "cpu"
    workers: int = 0
    bf16: bool = True
    resume: bool = False


def fit(plan: Plan, samples: Sequence[Sample]) -> None:
    """Train until the schedule or the minutes end. Writes last.pt, and plateau.pt when the cool-down begins."""
    team = Team(plan.device)
    if team.device.type == "cpu":
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
    torch.manual_seed(plan.seed)
    run = Run.begin(_start(plan.weights, samples).to(team.device), plan.rate, plan.decay)
    if plan.resume:
        run.resume(plan.folder / "last.pt")
    _loop(plan, run, team, Deck(samples, plan.seed))
    if team.rank == 0:
        run.save(plan.folder / "last.pt")
    team.leave()


def _loop(plan: Plan, run: Run, team: Team, deck: Deck) -> None:
    begin = saved = time.monotonic()
    cells, sums = Cells.of(SIZE, SIZE, team.device), torch.zeros(4, device=team.device)
    told = run.steps
    for pictures, targets in _batches(plan, deck, run.seen, team):
        now = time.monotonic()
        if team.any(run.seen >= plan.schedule.pictures or now - begin > plan.minutes * 60):
            break
        before = run.seen
        sums += _step(plan, run, team, cells, pictures.to(team.device, non_blocking=True), targets)
        if team.rank:
            continue
        if before <= plan.schedule.plateau_ends < run.seen:
            run.save(plan.folder / "plateau.pt")
        if now - saved > _SAVE_EVERY:
            run.save(plan.folder / "last.pt")
            saved = now
        if run.steps == told + _TELL_EVERY:
            _tell(run, sums / _TELL_EVERY, time.monotonic() - begin)
            sums.zero_()
            told = run.steps


def _step(
    plan: Plan, run: Run, team: Team, cells: Cells, pictures: Tensor, targets: Sequence[Target]
) -> Tensor:
    """One step of all processes; the loss and its parts [4]."""
    run.set_rate(plan.schedule.factor(run.seen))
    batch = pictures.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
    with torch.autocast(batch.device.type, torch.bfloat16, enabled=plan.bf16):
        raw = run.net(batch)
    loss = detection_loss(raw, cells, [target.to(batch.device) for target in targets])
    run.optimiser.zero_grad()
    torch.autograd.backward(loss.total)
    team.share_gradients(run.net)
    nn.utils.clip_grad_norm_(run.net.parameters(), _STEEPEST)
    run.optimiser.step()
    run.steps += 1
    run.seen += plan.batch * team.size
    run.average()
    return loss.values()


def _tell(run: Run, mean: Tensor, seconds: float) -> None:
    values = " ".join(f"{value:.3f}" for value in mean.tolist())
    print(f"seen {run.seen} step {run.steps} {seconds:.0f} s loss/box/obj/cls {values}", flush=True)


def _start(weights: Path, samples: Sequence[Sample]) -> Detector:
    """The COCO network with our classes, its norms measured on some of the pictures it will see."""
    coco = Detector(_COCO_CLASSES)
    load(coco, weights)
    net = with_classes(coco, [_COCO_ROWS.get(name) for name in CLASSES])
    chosen = np.random.default_rng(0).choice(len(samples), _MEASURED)
    pictures = [cv2.resize(read_picture(samples[int(i)].path), (SIZE, SIZE)) for i in chosen]
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()
    unfold(net, stacked.split(16))
    laid_out: Detector = net.to(memory_format=torch.channels_last)
    return laid_out


Batch = tuple[Tensor, list[Target]]


def _batches(plan: Plan, deck: Deck, seen: int, team: Team) -> Iterator[Batch]:
    """This process's batches from the `seen`-th picture of the run on: uint8 [B, SIZE, SIZE, 3] and targets."""
    step = plan.batch * team.size
    spare = 3 * step  # no process may run out before all have agreed to stop
    indices = range(seen + team.rank, plan.schedule.pictures + spare, team.size)
    yield from DataLoader(
        _Drawn(deck),
        plan.batch,
        sampler=indices,
        num_workers=plan.workers,
        collate_fn=_collated,
        drop_last=True,
        pin_memory=plan.device == "cuda",
        # A forked child inherits PyTorch's locks, but not the threads that would open them.
        multiprocessing_context="spawn" if plan.workers else None,
        worker_init_fn=_alone,
    )


def _alone(worker: int) -> None:
    """There are as many workers as cores: OpenCV need not start threads of its own in each."""
    del worker
    cv2.setNumThreads(1)


class _Drawn(Dataset[View]):
    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def __getitem__(self, index: int) -> View:
        return self._deck.draw(index)


def _collated(views: Sequence[View]) -> Batch:
    targets = [
        Target(*(torch.from_numpy(part).float() for part in (t.boxes, t.classes, t.weights, t.ignore)))
        for t in (view.truth for view in views)
    ]
    return torch.from_numpy(np.stack([view.picture for view in views])), targets
