"""Experiments: train, evaluate, record."""
