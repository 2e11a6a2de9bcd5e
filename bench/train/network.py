"""A small anchor-free detector (0.9 M parameters) of YOLOX-nano's layout: Ge et al. 2021, arXiv:2107.08430.

In: BGR, 0-255, float [B, 3, H, W], H and W multiples of 32. Out: [B, N, 5 + C], the cells of strides 8, 16
and 32 in row order; per cell dx, dy (strides from the cell's corner), log w, log h (strides), objectness
and C classes. Submodules are declared in the order in which they run: `weights.load` relies on it.
"""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from torch import Tensor, nn

STRIDES = (8, 16, 32)
_UNLIKELY = -4.6  # logit of 1 %: a class the old network never had must not shout at first


class Conv(nn.Module):
    """Convolution, batch norm, SiLU; depthwise when groups == channels."""

    def __init__(self, c_in: int, c_out: int, size: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, size, stride, size // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.03)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.bn(self.conv(x)))


def separable(c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 depthwise convolution followed by a 1x1 convolution."""
    return nn.Sequential(Conv(c_in, c_in, 3, stride, groups=c_in), Conv(c_in, c_out, 1))


class Bottleneck(nn.Module):
    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.reduce = Conv(channels, channels, 1)
        self.spatial = separable(channels, channels)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.spatial(self.reduce(x))
        return x + y if self.shortcut else y


class CspLayer(nn.Module):
    """Half of the channels go through the bottlenecks, half go round them."""

    def __init__(self, c_in: int, c_out: int, depth: int, shortcut: bool = True) -> None:
        super().__init__()
        half = c_out // 2
        self.main = Conv(c_in, half, 1)
        self.side = Conv(c_in, half, 1)
        self.blocks = nn.Sequential(*(Bottleneck(half, shortcut) for _ in range(depth)))
        self.merge = Conv(2 * half, c_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        side = self.side(x)
        return cast("Tensor", self.merge(torch.cat((self.blocks(self.main(x)), side), 1)))


class SpatialPyramidPooling(nn.Module):
    def __init__(self, channels: int, sizes: Sequence[int] = (5, 9, 13)) -> None:
        super().__init__()
        self.reduce = Conv(channels, channels // 2, 1)
        self.pools = nn.ModuleList(nn.MaxPool2d(s, 1, s // 2) for s in sizes)
        self.merge = Conv(channels // 2 * (len(sizes) + 1), channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduce(x)
        return cast("Tensor", self.merge(torch.cat([x, *(pool(x) for pool in self.pools)], 1)))


def space_to_depth(x: Tensor) -> Tensor:
    """[B, 3, H, W] to [B, 12, H/2, W/2], in YOLOX's order of the four neighbours."""
    rows = (x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2])
    return torch.cat(rows, 1)


class Backbone(nn.Module):
    """CSPDarknet, depthwise: feature maps of strides 8, 16, 32."""

    def __init__(self, w: int, depth: int) -> None:
        super().__init__()
        self.stem = Conv(12, w, 3)
        self.dark2 = nn.Sequential(separable(w, 2 * w, 2), CspLayer(2 * w, 2 * w, depth))
        self.dark3 = nn.Sequential(separable(2 * w, 4 * w, 2), CspLayer(4 * w, 4 * w, 3 * depth))
        self.dark4 = nn.Sequential(separable(4 * w, 8 * w, 2), CspLayer(8 * w, 8 * w, 3 * depth))
        self.dark5 = nn.Sequential(
            separable(8 * w, 16 * w, 2),
            SpatialPyramidPooling(16 * w),
            CspLayer(16 * w, 16 * w, depth, shortcut=False),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        p3 = self.dark3(self.dark2(self.stem(space_to_depth(x))))
        p4 = self.dark4(p3)
        return p3, p4, self.dark5(p4)


class Neck(nn.Module):
    """PAFPN: coarse features go down to the fine maps, then back up."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        c3, c4, c5 = 4 * width, 8 * width, 16 * width
        self.lateral5 = Conv(c5, c4, 1)
        self.down4 = CspLayer(2 * c4, c4, depth, shortcut=False)
        self.lateral4 = Conv(c4, c3, 1)
        self.down3 = CspLayer(2 * c3, c3, depth, shortcut=False)
        self.stride4 = separable(c3, c3, 2)
        self.up4 = CspLayer(2 * c3, c4, depth, shortcut=False)
        self.stride5 = separable(c4, c4, 2)
        self.up5 = CspLayer(2 * c4, c5, depth, shortcut=False)

    def forward(self, features: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        p3, p4, p5 = features
        top5 = self.lateral5(p5)
        top4 = self.lateral4(self.down4(torch.cat((F.interpolate(top5, scale_factor=2.0), p4), 1)))
        out3 = self.down3(torch.cat((F.interpolate(top4, scale_factor=2.0), p3), 1))
        out4 = self.up4(torch.cat((self.stride4(out3), top4), 1))
        return out3, out4, self.up5(torch.cat((self.stride5(out4), top5), 1))


class HeadLevel(nn.Module):
    """Decoupled head of one stride: [B, 5 + C, H, W] of raw values."""

    def __init__(self, c_in: int, channels: int, classes: int) -> None:
        super().__init__()
        self.stem = Conv(c_in, channels, 1)
        self.cls_branch = nn.Sequential(separable(channels, channels), separable(channels, channels))
        self.cls = nn.Conv2d(channels, classes, 1)
        self.box_branch = nn.Sequential(separable(channels, channels), separable(channels, channels))
        self.box = nn.Conv2d(channels, 4, 1)
        self.obj = nn.Conv2d(channels, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        cls = self.cls(self.cls_branch(x))
        box = self.box_branch(x)
        return torch.cat((self.box(box), self.obj(box), cls), 1)


class Detector(nn.Module):
    """The network. `forward` gives logits; `Deployed` gives scores."""

    def __init__(self, classes: int, width: int = 16, depth: int = 1) -> None:
        super().__init__()
        self.width = width
        self.depth = depth
        self.backbone = Backbone(width, depth)
        self.neck = Neck(width, depth)
        self.heads = nn.ModuleList(HeadLevel(k * width, 4 * width, classes) for k in (4, 8, 16))

    def forward(self, x: Tensor) -> Tensor:
        levels = zip(self.heads, self.neck(self.backbone(x)), strict=True)
        return torch.cat([head(p).flatten(2) for head, p in levels], 2).transpose(1, 2)


class Deployed(nn.Module):
    """What is exported: boxes raw, objectness and classes between 0 and 1."""

    def __init__(self, net: Detector) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        raw = self.net(x)
        return torch.cat((raw[..., :4], raw[..., 4:].sigmoid()), 2)


def with_classes(net: Detector, rows: Sequence[int | None], seed: int = 0) -> Detector:
    """A copy of `net` whose class k starts from the old class rows[k]; None starts small and unlikely."""
    out = Detector(len(rows), net.width, net.depth)
    state = {key: value for key, value in net.state_dict().items() if ".cls." not in key}
    noise = torch.Generator().manual_seed(seed)
    for level, head in enumerate(net.heads):
        old = cast("nn.Conv2d", head.cls)
        weight, bias = old.weight.detach(), cast("Tensor", old.bias).detach()
        fresh = 0.01 * torch.randn((1, *weight.shape[1:]), generator=noise)
        state[f"heads.{level}.cls.weight"] = torch.cat(
            [fresh if row is None else weight[row : row + 1] for row in rows]
        )
        state[f"heads.{level}.cls.bias"] = torch.tensor(
            [_UNLIKELY if row is None else float(bias[row]) for row in rows]
        )
    out.load_state_dict(state)
    return out
