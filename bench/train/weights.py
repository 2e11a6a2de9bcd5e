"""Weights in and out: from a YOLOX-nano ONNX file into the network, and from the network to ONNX."""

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from bench.train.network import Conv, Deployed, Detector

_OPSET = 18
_SIDE = 416  # px of the picture the exporter traces with


def load(net: Detector, path: Path) -> None:
    """Fill `net` from an ONNX file whose batch norms are folded into its convolutions.

    Raises ValueError where a convolution of the file does not fit the network's.
    """
    graph = onnx.load(str(path)).graph
    stored = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Identity":  # an exporter writes equal tensors once
            stored[node.output[0]] = stored[node.input[0]]
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    convs = [module for module in net.modules() if isinstance(module, nn.Conv2d)]
    norms = {module.conv: module.bn for module in net.modules() if isinstance(module, Conv)}
    with torch.no_grad():
        for node, conv in zip(nodes, convs, strict=True):
            weight, bias = stored[node.input[1]], stored[node.input[2]]
            if weight.shape != conv.weight.shape:
                raise ValueError(f"{node.name}: {tuple(weight.shape)} is not {tuple(conv.weight.shape)}")
            conv.weight.copy_(weight)
            if conv in norms:
                _only_add(norms[conv], bias)
            else:
                cast("Tensor", conv.bias).copy_(bias)


def _only_add(norm: nn.BatchNorm2d, bias: Tensor) -> None:
    """Make a norm that only adds `bias`, as long as its statistics stay as they are."""
    cast("Tensor", norm.running_mean).zero_()
    cast("Tensor", norm.running_var).fill_(1.0 - norm.eps)
    norm.weight.fill_(1.0)
    norm.bias.copy_(bias)


def unfold(net: Detector, batches: Iterable[Tensor]) -> None:
    """Give every batch norm the statistics it sees on `batches`; the eval output stays as it is.

    Without this a folded network cannot be trained with batch statistics: the first training step would
    normalise by numbers that the weights were never meant for.
    """
    norms = [module.bn for module in net.modules() if isinstance(module, Conv)]
    sums = {norm: torch.zeros(3, norm.num_features, dtype=torch.float64) for norm in norms}

    def note(norm: nn.Module, args: tuple[Tensor, ...]) -> None:
        x, total = args[0].double(), sums[cast("nn.BatchNorm2d", norm)]
        total += torch.stack(
            [torch.full((x.shape[1],), x.numel() / x.shape[1]), x.sum((0, 2, 3)), x.square().sum((0, 2, 3))]
        )

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    net.eval()
    with torch.no_grad():
        for batch in batches:
            net(batch)
        for hook, norm in zip(hooks, norms, strict=True):
            hook.remove()
            _restate(norm, *sums[norm])


def _restate(norm: nn.BatchNorm2d, count: Tensor, first: Tensor, second: Tensor) -> None:
    mean, var = cast("Tensor", norm.running_mean), cast("Tensor", norm.running_var)
    scale = norm.weight / (var + norm.eps).sqrt()  # what the norm did until now: x * scale + shift
    shift = norm.bias - mean * scale
    mean.copy_(first / count)
    var.copy_((second / count - (first / count).square()).clamp_min(1e-6))
    norm.weight.copy_(scale * (var + norm.eps).sqrt())
    norm.bias.copy_(shift + mean * scale)


def export(net: Detector, path: Path, classes: int) -> None:
    """Write the deployed network: batch norms folded, batch, height and width free (multiples of 32)."""
    free = {"images": {0: "batch", 2: "height", 3: "width"}, "output": {0: "batch", 1: "cells"}}
    torch.onnx.export(
        Deployed(net).eval(),
        (torch.zeros(1, 3, _SIDE, _SIDE),),
        str(path),
        input_names=["images"],
        output_names=["output"],
        opset_version=_OPSET,
        dynamic_axes=free,
        dynamo=False,  # its files carry neither paths nor source lines, and need no further package
    )
    model = onnx.load(str(path))
    columns = model.graph.output[0].type.tensor_type.shape.dim[2]
    columns.dim_value = 5 + classes  # the exporter loses it, and readers compare it with the manifest
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
