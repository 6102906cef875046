"""Baromètre: a yearly survey online, from wave files to figures that can be defended."""
