"""Hyperparameter search: which settings make the best network, found by training many and judging them on validation data."""
