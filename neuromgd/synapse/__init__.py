"""A cell and its learning circuit."""
