"""Is a run sound, what limits it, what it reached."""
