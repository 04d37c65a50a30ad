"""Judging which listings are the same person, and rebuilding practitioners from the decisions."""
