"""Qt's own graphics items, so that nothing on the hot path is painted in Python. Knows numbers, not what they mean."""
