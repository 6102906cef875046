"""A drawing for the back of a room: the same, every length in pixels multiplied."""

from __future__ import annotations

from typing import Any

# Lengths in pixels, by where they stand; all else is in the units of the data.
ANYWHERE = {"size", "minsize", "xshift", "yshift", "thickness", "cornerradius", "xgap", "ygap"}
IN = {
    "layout": {"height"},
    "margin": {"l", "r", "t", "b"},
    "line": {"width"},
    "error_x": {"width"},
}
FONT = 13  # pixels where a layout names no size


def enlarged(drawing: dict[str, Any], factor: float) -> dict[str, Any]:
    """A copy of data and layout, texts and marks `factor` times larger; places keep their units."""
    larger: dict[str, Any] = {
        "data": [_times(trace, factor, "trace") for trace in drawing["data"]],
        "layout": _times(drawing["layout"], factor, "layout"),
    }
    larger["layout"].setdefault("font", {}).setdefault("size", FONT * factor)
    hover = larger["layout"].setdefault("hoverlabel", {})
    hover["font"] = {"size": FONT * factor} | hover.get("font", {})
    return larger


def _times(value: Any, factor: float, where: str) -> Any:
    if isinstance(value, list):
        return [_times(part, factor, where) for part in value]
    if not isinstance(value, dict):
        return value
    lengths = ANYWHERE | IN.get(where, set())
    return {
        name: _longer(part, factor) if name in lengths else _times(part, factor, name)
        for name, part in value.items()
    }


def _longer(value: Any, factor: float) -> Any:
    """A length or several; none stays none."""
    if isinstance(value, list):
        return [_longer(part, factor) for part in value]
    return value * factor if isinstance(value, (int, float)) else value
