"""A trial of a layer that shall change training images, before the training."""

from __future__ import annotations

import numpy as np

from skmnist._bridge.engine.blending import apply, mix, parts_of
from skmnist._keras import tf


def _refused(layer, what):
    return ValueError(f"augmentation: {type(layer).__name__} {what}")


class Trial:
    """Trial of a layer on a few training images.

    Parameters
    ----------
    layer : keras.layers.Layer
        Layer to try.
    probes : ndarray of shape (n_images, height, width, n_channels)
        Images scaled for the network.
    seen : sequence of two float
        Range of their pixels.
    """

    def __init__(self, layer, probes, seen):
        self.layer, self.seen = layer, seen
        self.probes = np.ascontiguousarray(probes, dtype=np.float32)

    def _outputs(self, layer, batch):
        """Return the outputs of a layer for images."""
        try:
            outputs, _ = mix(layer, tf.identity(batch), tf.zeros((len(batch), 1)))
            return tf.convert_to_tensor(outputs).numpy()
        except Exception as error:
            if str(error).startswith("augmentation:"):
                raise
            raise self._cannot(layer, batch, error) from error

    @staticmethod
    def _cannot(layer, batch, error):
        return _refused(
            layer, f"cannot be applied to images of shape {tuple(batch.shape[1:])}: {error}"
        )

    def _first_that(self, is_wrong, layer, batch):
        """Return the innermost layer with wrong outputs, and these outputs; None if all is right.

        A wrong part is accepted if other parts correct it.
        """
        outputs = self._outputs(layer, batch)
        if not is_wrong(outputs):
            return None
        for part in parts_of(layer) or ():
            found = self._first_that(is_wrong, part, batch)
            if found is not None:
                return found
            batch = self._outputs(part, batch)
        return layer, outputs

    def check_shape(self):
        """Raise if a layer changes the shape of images."""
        found = self._first_that(
            lambda outputs: outputs.shape != self.probes.shape, self.layer, self.probes
        )
        if found is not None:
            layer, outputs = found
            before, after = self.probes.shape[1:], outputs.shape[1:]
            raise _refused(
                layer,
                f"changes the shape of images, from {before} to {after}, but the network takes "
                f"images of shape {before} in training and in prediction.",
            )

    def check_range(self):
        """Raise if a layer changes the range of pixels."""
        found = self._first_that(self._is_elsewhere, self.layer, self.probes)
        if found is not None:
            layer, outputs = found
            low, high = self.seen
            raise _refused(
                layer,
                f"brings pixels to another range, from ({low:g}, {high:g}) to "
                f"({outputs.min():.3g}, {outputs.max():.3g}). It must keep the range, because "
                "predictions use images without augmentation.",
            )

    def _is_elsewhere(self, outputs):
        """Return whether pixels are outside of the network's range by more than noise."""
        if not np.isfinite(outputs).all():
            return True
        low, high = self.seen
        span = max(high - low, float(np.ptp(self.probes)), 1e-6)
        means = outputs.reshape(len(outputs), -1).mean(axis=1)
        shifted = means.min() < low - 0.1 * span or means.max() > high + 0.1 * span
        far = np.mean((outputs < low - 2 * span) | (outputs > high + 2 * span)) > 0.01
        squeezed = np.ptp(outputs) < 0.05 * np.ptp(self.probes)
        return bool(shifted or far or squeezed)

    def check_repeatable(self, augmenter):
        """Raise if a Keras layer does not draw by its seeds, such as AugMix."""
        runs = []
        for _ in range(2):
            augmenter.begin_epoch(0, 0)
            runs.append(self._outputs(self.layer, self.probes))
        if not np.array_equal(*runs):
            raise _refused(
                self.layer,
                "does not draw by seeds. Its choices are made once, when training is compiled, so "
                "they are the same for all images, and a fit cannot be reproduced.",
            )

    def check_neighbours(self, augmenter):
        """Raise if the output for an image depends on other images of its batch."""
        if len(self.probes) < 2:
            return
        # The number of images is unknown while the function is traced, as in training.
        shape = (None, *self.probes.shape[1:])
        call = tf.function(
            lambda batch: apply(self.layer, batch),
            input_signature=[tf.TensorSpec(shape, tf.float32)],
            autograph=False,
        )

        def run(batch):
            augmenter.begin_epoch(0, 0)
            try:
                return call(batch).numpy()
            except Exception as error:
                raise self._cannot(self.layer, batch, error) from error

        first = run(self.probes)
        if not np.array_equal(first, run(self.probes)):
            return  # it does not draw by its seeds, so runs cannot be compared
        others = self.probes.copy()
        others[0] = self.seen[0] + self.seen[1] - others[0]
        if not np.allclose(first[1:], run(others)[1:], atol=1e-4 * (self.seen[1] - self.seen[0])):
            raise _refused(
                self.layer,
                "changes an image in a way that depends on the other images of its batch, so its "
                "label may no longer be right. Of such layers, only keras.layers.MixUp and CutMix "
                "are supported, for which labels are blended too.",
            )
