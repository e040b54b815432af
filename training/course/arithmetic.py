"""How many parameters a layer has."""


def convolution_parameters(filters: int, kernel: int, channels: int, *, bias: bool = True) -> int:
    """filters · (f · f · channels in) + filters."""
    return filters * kernel * kernel * channels + (filters if bias else 0)


def dense_parameters(inputs: int, units: int, *, bias: bool = True) -> int:
    """inputs · units + units."""
    return inputs * units + (units if bias else 0)
