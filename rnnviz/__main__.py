"""``python -m rnnviz``."""

import sys

from rnnviz.cli import main

if __name__ == "__main__":  # a process that is started imports the main file, too
    sys.exit(main())
