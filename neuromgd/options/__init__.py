"""What a user can say: every option, where it may stand, and what is refused. No JAX."""
