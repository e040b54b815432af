"""Looking inside a convolutional network: its arithmetic, its layers, what they see, and why it gives a name.

Everything here takes a plain `torch.nn.Module` and an input batch, so that any network can be looked into. A
module that is shared between threads must be held by its lock (`Network.exclusive`) while these functions
run.
"""
