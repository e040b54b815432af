"""The panels of the Evaluate page."""
