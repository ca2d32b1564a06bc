"""The window: the only place, beside the command line, that constructs and connects."""
