"""Priors, ties and expressions: the table from columns of theta to values."""
