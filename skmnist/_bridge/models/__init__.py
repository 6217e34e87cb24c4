"""Keras models: building, compiling, copying and storing."""
