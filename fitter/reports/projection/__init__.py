"""Projections: expected errors and significances at other luminosities, their parts and toys."""
