"""Experiments: a recipe of data, network and training; the run; its record."""
