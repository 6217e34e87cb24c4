"""Samples, checked and encoded, and the feeds that give them to the engine as tensors."""
