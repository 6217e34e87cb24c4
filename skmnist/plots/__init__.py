"""Plots of networks, predictions and comparisons, as scikit-learn Displays."""
