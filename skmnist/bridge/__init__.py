"""The seam where scikit-learn meets Keras; the only place that knows scikeras."""
