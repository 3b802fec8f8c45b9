"""Models of light invisible particles."""
