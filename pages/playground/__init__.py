"""The panels of the Playground page, one file each: `panel()` reads its inputs, calls the package, draws."""
