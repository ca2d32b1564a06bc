"""Recordings of a training: written while it goes on, readable while they are written."""
