"""State of a fitted estimator, for predictions and for more training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skmnist._bridge.data.pixels import PixelScale
from skmnist._bridge.fitting.build import compile_network
from skmnist._bridge.models.network import Network


@dataclass
class FittedState:
    """State of a fitted estimator, for predictions and for more training."""

    network: Network
    task: Any
    pixels: PixelScale
    image_shape: tuple[int, int, int]
    sample_shape: tuple[int, ...]  # shape of a sample as the user passed it
    seed: int
    peak_rate: float | None
    weight_scale: float
    built_with: dict
    compiled_with: dict
    dtype_policy: str | None = None
    pixel_range: Any = "auto"
    rate_factor: float = 1.0  # factor by which callbacks have changed the scheduled rate

    def attributes(self, history):
        """Return the attributes of an estimator with this state."""
        return {
            "_fitted": self,
            **self.task.attributes(),
            "image_shape_": self.image_shape,
            "pixel_range_": self.pixels.range,
            "history_": history,
            "n_iter_": len(history["loss"]),
        }

    def compiled_model(self):
        """Return the Keras model, compiled even after unpickling."""
        if not self.network.model.compiled:
            self.network.compile_again(lambda model: compile_network(self.compiled_with, model))
        return self.network.model
