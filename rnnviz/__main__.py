"""``python -m rnnviz``."""

import sys

from rnnviz.cli import main

if __name__ == "__main__":  # the worker's process imports this file too
    sys.exit(main())
