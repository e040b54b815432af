"""Colours that can be seen on light and on dark."""

GENUINE = "#2a9d8f"
IMPOSTOR = "#c2607a"
MARK = "#f0a014"
"""The threshold."""

NETWORKS = ("#2a9d8f", "#5b8fd6")
CHANCE = "#8a9794"
