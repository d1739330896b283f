"""When it happens: events on integer ticks, no JAX."""
