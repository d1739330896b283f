"""Where a sample comes from."""
