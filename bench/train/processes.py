"""Several processes that learn together: gradients are averaged, and all stop at the same step.

On a CPU two processes of one thread beat one of two for a small depthwise network.
"""

import os

import torch
import torch.distributed as dist
from torch import nn


class Team:
    """This process among those that `torchrun` started (or alone)."""

    def __init__(self, device: str) -> None:
        """device: "cpu", or "cuda": then each process takes a GPU of its own."""
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        own = int(os.environ.get("LOCAL_RANK", "0"))
        self.device = torch.device(device, own) if device == "cuda" else torch.device(device)
        if self.size > 1:
            dist.init_process_group("nccl" if device == "cuda" else "gloo")

    def any(self, wish: bool) -> bool:
        """Whether any process wishes it: their clocks differ, their steps must not."""
        if self.size == 1:
            return wish
        votes = torch.tensor(int(wish), device=self.device)
        dist.all_reduce(votes, dist.ReduceOp.MAX)
        return bool(votes)

    def share_gradients(self, net: nn.Module) -> None:
        """Replace every gradient by its mean over the processes."""
        if self.size == 1:
            return
        gradients = [p.grad for p in net.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient) / self.size)

    def leave(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()
