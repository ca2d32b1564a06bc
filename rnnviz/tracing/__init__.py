"""A network and one sequence → a Trace. Total gradients through time, and the check that they are right."""
