"""One memory cell."""
