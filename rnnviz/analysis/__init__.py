"""Numbers about arrays: what a view says in words or draws as one curve. Pure numpy."""
