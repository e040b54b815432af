"""The panels of the Experiments page."""
