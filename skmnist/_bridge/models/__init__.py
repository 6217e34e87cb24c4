"""Keras models: made, compiled, copied and kept."""
