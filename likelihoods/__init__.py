"""What the data say: predictions and measurements to log-likelihood terms."""
