"""Kinds of chart that need more than a few lines: one module each, from estimates to a draft."""
