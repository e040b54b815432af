"""The perceptron and the dense network on points in a plane: every epoch kept as a frame, every number open to look at."""
