"""The laboratory: many bills at once. `drawing` makes them up, `batch` settles them."""
