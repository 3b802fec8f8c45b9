"""From results of drivers to records: best fit, predictions, reference point, notes."""
