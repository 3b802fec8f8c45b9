"""The best fit: searches from many starts, MIGRAD, errors, other minima, staircases."""
