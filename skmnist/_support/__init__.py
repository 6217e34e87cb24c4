"""Small helpers that every floor may use; none of them knows Keras."""
