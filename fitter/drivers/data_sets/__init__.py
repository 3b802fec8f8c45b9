"""Fits of many data sets: toys, and what is made of them."""
