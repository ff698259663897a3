"""Many bills through the same rules: columns in, columns out; see `run` for the trip of a block."""
