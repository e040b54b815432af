"""Training of any model: batches in, a better model out. Nothing here knows what is learned."""
