"""Training itself: epochs, learning-rate schedules and augmentation."""
