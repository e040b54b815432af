"""Hyperparameter search: which settings validate best, found with as few trials and epochs as the budget allows."""
