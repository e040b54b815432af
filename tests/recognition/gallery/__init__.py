"""The gallery: what is stored, found, moved and erased."""
