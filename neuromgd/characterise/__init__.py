"""Memory cells as a device paper shows them: curves of a sheet, a sheet of curves."""
