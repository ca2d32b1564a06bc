"""A run as a short PyTorch program that needs no rnnviz."""
