"""Findings in, one self-contained page out."""
