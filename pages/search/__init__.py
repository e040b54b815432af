"""The panels of the Search page."""
