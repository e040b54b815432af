"""Looking inside a convolutional network: its layers, what each depends on, its maps, and why it gives a name.

Nearly everything here takes a plain `torch.nn.Module` and an input batch, so that any network can be looked into. A
module that is shared between threads must be held by its lock (`Inspectable.exclusive`) while these functions run;
`views` does so.
"""
