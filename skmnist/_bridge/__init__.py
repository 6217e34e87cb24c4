"""Bridge between scikit-learn and Keras: estimators, fitting, engine, models, graphs, data."""
