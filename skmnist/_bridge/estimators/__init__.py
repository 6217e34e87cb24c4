"""Base classes of the estimators: parameters, shared methods and shared documentation."""
