"""The panels of the Playground page."""
