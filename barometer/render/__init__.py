"""Renderers: each turns a ChartSpec into one kind of output."""
