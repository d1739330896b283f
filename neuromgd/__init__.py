"""Simulates neuromorphic chips that train themselves by multiplexed gradient descent (MGD)."""

__version__ = "0.1.0"
