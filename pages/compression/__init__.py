"""The panels of the Compression page."""
