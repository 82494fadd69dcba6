"""x."""
def run_peers(*a): return ()
