"""What the window shows now. QtCore only: no widgets, no torch."""
