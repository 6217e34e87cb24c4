"""The state of a fitted estimator: what it needs for predicting and for training on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skmnist._bridge.data.pixels import PixelScale
from skmnist._bridge.fitting.build import compile_network
from skmnist._bridge.models.network import Network


@dataclass
class FittedState:
    """What a fitted estimator needs for predicting and for training on."""

    network: Network
    task: Any
    pixels: PixelScale
    image_shape: tuple[int, int, int]
    sample_shape: tuple[int, ...]  # of one sample, as the user gave it
    seed: int
    peak_rate: float | None
    weight_scale: float
    built_with: dict
    compiled_with: dict
    dtype_policy: str | None = None
    pixel_range: Any = "auto"
    rate_factor: float = 1.0  # by which callbacks have changed what the schedule sets

    def attributes(self, history):
        """Return the attributes of an estimator that is fitted like this."""
        return {
            "_fitted": self,
            **self.task.attributes(),
            "image_shape_": self.image_shape,
            "pixel_range_": self.pixels.range,
            "history_": history,
            "n_iter_": len(history["loss"]),
        }

    def compiled_model(self):
        """Return the Keras model, compiled, after unpickling too."""
        if not self.network.model.compiled:
            self.network.compile_again(lambda model: compile_network(self.compiled_with, model))
        return self.network.model
