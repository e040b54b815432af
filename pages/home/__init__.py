"""The panels of Home."""
