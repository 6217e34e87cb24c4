"""Training: epochs, learning-rate schedules and augmentation."""
