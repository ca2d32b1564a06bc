"""Frozen data that every other part speaks in. No Qt, no torch."""
