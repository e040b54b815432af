"""Trained networks made smaller and faster: pruning, distillation, quantization, export; each measured before and after."""
