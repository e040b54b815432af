"""Small networks to learn with: the course's own, ready to train, and the dense-against-CNN experiment."""
