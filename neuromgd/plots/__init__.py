"""Columns in, figure out."""
