"""The panels of the convolution lab, one file each: `panel()` reads its inputs, calls the package, draws."""
