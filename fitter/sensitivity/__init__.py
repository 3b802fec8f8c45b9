"""What the data can tell: Jacobians, flat directions, information, what would lift them."""
