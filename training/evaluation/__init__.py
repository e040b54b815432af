"""How good a network is, in the field's standard protocols, one module each."""
