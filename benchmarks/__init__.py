"""How fast the simulator is, against the least work that it could do: ``python -m benchmarks``."""
