"""What an estimator declares, and the methods that its class shares with others."""
