"""What the network is told: which cells answer for which box (SimOTA), and YOLOX's loss (arXiv:2107.08430)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from torch import Tensor

from bench.train.network import STRIDES

_CENTRE_RADIUS = 1.5  # strides: how far from a box's centre a cell may still be taught that box
_TOP_IOUS = 10  # a box gets about as many cells as the sum of its ten best overlaps
_BOX_WEIGHT = 5.0


@dataclass(frozen=True)
class Cells:
    """Where each of the N output cells lies in the picture."""

    corner: Tensor  # [N, 2], strides
    stride: Tensor  # [N, 1], px

    @classmethod
    def of(cls, width: int, height: int, device: torch.device) -> "Cells":
        corners, strides = [], []
        for stride in STRIDES:
            rows, columns = height // stride, width // stride
            y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
            corners.append(torch.stack((x, y), 2).view(-1, 2))
            strides.append(torch.full((rows * columns, 1), stride))
        return cls(torch.cat(corners).float().to(device), torch.cat(strides).float().to(device))

    @property
    def centres(self) -> Tensor:
        """[N, 2], px."""
        return (self.corner + 0.5) * self.stride

    def decode(self, raw: Tensor) -> Tensor:
        """Raw [..., N, 4] to x1, y1, x2, y2 in px."""
        centre = (raw[..., :2] + self.corner) * self.stride
        half = raw[..., 2:4].clamp(max=8.0).exp() * self.stride / 2
        return torch.cat((centre - half, centre + half), -1)


@dataclass(frozen=True)
class Target:
    """What is known of one picture: boxes [G, 4] and ignore [K, 4] in px, classes and weights [G, C].

    A box whose class is only narrowed down has weight 0 for the classes it may be. Cells whose centre lies
    in an `ignore` box, and which match no box, are not taught to be background.
    """

    boxes: Tensor
    classes: Tensor
    weights: Tensor
    ignore: Tensor

    def to(self, device: torch.device) -> "Target":
        return Target(*(part.to(device, non_blocking=True) for part in self._parts()))

    def pin_memory(self) -> "Target":
        """Called by PyTorch's loader, so that the way to a GPU need not be waited for."""
        return Target(*(part.pin_memory() for part in self._parts()))

    def _parts(self) -> tuple[Tensor, ...]:
        return self.boxes, self.classes, self.weights, self.ignore


@dataclass(frozen=True)
class Loss:
    """Per taught cell; `total` carries the gradient."""

    total: Tensor
    box: Tensor
    obj: Tensor
    cls: Tensor

    def values(self) -> Tensor:
        return torch.stack([part.detach() for part in (self.total, self.box, self.obj, self.cls)])


def detection_loss(raw: Tensor, cells: Cells, targets: Sequence[Target]) -> Loss:
    """raw [B, N, 5 + C] logits. 1 - IoU^2 for boxes, cross entropy for objectness and for classes."""
    raw = raw.float()
    decoded = cells.decode(raw)
    obj_target = torch.zeros_like(raw[..., 4])
    obj_weight = torch.ones_like(obj_target)
    box_losses, cls_losses = [raw.sum() * 0.0], [raw.sum() * 0.0]
    taught = 0
    for i, target in enumerate(targets):
        cell, box, iou = assign(raw[i], decoded[i], cells, target)
        obj_weight[i, _ignored(cells.centres, target.ignore)] = 0.0
        obj_target[i, cell] = 1.0
        obj_weight[i, cell] = 1.0
        taught += len(cell)
        box_losses.append((1 - _iou_pairs(decoded[i, cell], target.boxes[box]).square()).sum())
        wanted, weights = target.classes[box] * iou[:, None], target.weights[box]
        cls_losses.append(
            F.binary_cross_entropy_with_logits(raw[i, cell, 5:], wanted, weights, reduction="sum")
        )
    obj = F.binary_cross_entropy_with_logits(raw[..., 4], obj_target, obj_weight, reduction="sum")
    n = max(taught, 1)
    parts = _BOX_WEIGHT * torch.stack(box_losses).sum() / n, obj / n, torch.stack(cls_losses).sum() / n
    return Loss(parts[0] + parts[1] + parts[2], *parts)


def assign(raw: Tensor, decoded: Tensor, cells: Cells, target: Target) -> tuple[Tensor, Tensor, Tensor]:
    """SimOTA for one picture: indices of the taught cells, the box of each, and their overlap."""
    with torch.no_grad():
        near = _near(cells, target.boxes)
        candidates = near.any(0).nonzero().flatten()
        if len(candidates) == 0:
            none = candidates.new_zeros(0)
            return none, none, raw.new_zeros(0)
        near = near[:, candidates]
        iou = _iou_matrix(target.boxes, decoded[candidates])
        cost = _class_cost(raw[candidates], target) - 3.0 * (iou + 1e-8).log() + 1e6 * ~near
        matched = _matched(cost, iou) & near
        taught = matched.any(0).nonzero().flatten()
        box_of = matched[:, taught].int().argmax(0)
        return candidates[taught], box_of, iou[box_of, taught]


def _near(cells: Cells, boxes: Tensor) -> Tensor:
    """[G, N]: cells whose centre lies close to a box's centre."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    return ((cells.centres[None] - middle[:, None]).abs() < _CENTRE_RADIUS * cells.stride[None]).all(2)


def _class_cost(raw: Tensor, target: Target) -> Tensor:
    score = (raw[:, 4:5].sigmoid() * raw[:, 5:].sigmoid()).sqrt().clamp(1e-6, 1 - 1e-6)
    wanted = target.weights * target.classes
    unwanted = target.weights * (1 - target.classes)
    return -(wanted @ score.log().T + unwanted @ (1 - score).log().T)


def _matched(cost: Tensor, iou: Tensor) -> Tensor:
    """[G, N] bool: each box's cheapest cells, and of two boxes that want one cell the cheaper."""
    boxes, cells = cost.shape
    most = min(_TOP_IOUS, cells)
    wanted = iou.topk(most, 1).values.sum(1).int().clamp(1, most)
    cheapest = cost.topk(most, 1, largest=False).indices
    among = torch.arange(most, device=cost.device) < wanted[:, None]
    matched = torch.zeros_like(cost, dtype=torch.bool).scatter_(1, cheapest, among)
    crowded = matched.sum(0) > 1
    matched[:, crowded] = F.one_hot(cost[:, crowded].argmin(0), boxes).T.bool()
    return matched


def _ignored(centres: Tensor, zones: Tensor) -> Tensor:
    inside = (centres[None] > zones[:, None, :2]) & (centres[None] < zones[:, None, 2:])
    return inside.all(2).any(0)


def _iou_matrix(a: Tensor, b: Tensor) -> Tensor:
    overlap = torch.minimum(a[:, None, 2:], b[None, :, 2:]) - torch.maximum(a[:, None, :2], b[None, :, :2])
    shared = overlap.clamp_min(0).prod(2)
    return shared / (_area(a)[:, None] + _area(b)[None, :] - shared + 1e-9)


def _iou_pairs(a: Tensor, b: Tensor) -> Tensor:
    overlap = torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])
    shared = overlap.clamp_min(0).prod(1)
    return shared / (_area(a) + _area(b) - shared + 1e-9)


def _area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).clamp_min(0).prod(1)
