"""x."""
def write_report(*a): return None
