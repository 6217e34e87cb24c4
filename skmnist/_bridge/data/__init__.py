"""Validation and encoding of samples, and feeds of tensors for the engine."""
