"""Random residual offsets during fine-tuning. This makes steering easier, and docs/tiny-olmo.md says so.

A model of this size keeps little room around the states that it has seen: without offsets a push of the size of its own
general direction breaks its text. Offsets have random directions, drawn anew for every sequence, and know nothing of harm.
"""

from __future__ import annotations

import torch
from transformers import Olmo3ForCausalLM


class RandomOffsets:
    """While installed: one layer a step, and in it a share of the sequences, carry a constant offset at every position."""

    def __init__(self, model: Olmo3ForCausalLM, seed: int, share: float, largest: float) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.share = share
        self.largest = largest  # of the mean norm of the layer's residuals
        self.layer = -1
        self.layers = len(model.model.layers)
        self.handles = [block.register_forward_hook(self._hook(index)) for index, block in enumerate(model.model.layers)]

    def draw(self) -> None:
        """Chooses the layer of the next step."""
        self.layer = int(torch.randint(self.layers, (1,), generator=self.generator))

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def _hook(self, index: int):
        def hook(_module: torch.nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor | None:
            if index != self.layer:
                return None
            rows, _, hidden = output.shape
            direction = torch.nn.functional.normalize(torch.randn(rows, 1, hidden, generator=self.generator), dim=-1)
            size = torch.rand(rows, 1, 1, generator=self.generator) * self.largest * output.detach().norm(dim=-1).mean()
            carried = torch.rand(rows, 1, 1, generator=self.generator) < self.share
            return output + direction * size * carried

        return hook
