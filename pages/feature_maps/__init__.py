"""The parts of the feature-maps page, one file each: `panel()` reads its inputs, calls the package, draws."""
