"""Short names of methods."""

from training.compression.steps import ORIGINAL

METHODS = {
    "onnx": "ONNX",
    "weights": "Prune weights",
    "channels": "Prune channels",
    "distil": "Teach a student",
    "student": "Student without teacher",
    "dynamic": "int8, dynamic",
    "static": "int8, static",
    "aware": "int8, aware",
    "channels+static": "Prune channels, then int8",
    "distil+static": "Teach a student, then int8",
    "weights+static": "Prune weights, then int8",
}
"""The methods on the page, in the order they are shown. The command line knows all chains."""

NAMES = {ORIGINAL: "As it is", **METHODS}
