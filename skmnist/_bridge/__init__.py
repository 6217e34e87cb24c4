"""Where scikit-learn meets Keras: estimators, fitting, the engine, models, graphs and data."""
