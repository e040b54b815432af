"""Labelled pictures to learn from: where they come from, how they are split, balanced and changed at random."""
