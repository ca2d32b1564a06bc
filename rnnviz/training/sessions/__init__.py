"""A run in a file: everything that decides what it shows and what it does next, bit for bit."""
