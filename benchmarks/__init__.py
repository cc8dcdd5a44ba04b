"""Measurements of satcore: what its numbers are worth, and what they cost."""
