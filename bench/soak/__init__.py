"""A gateway under faults for as long as one likes: python -m bench.soak. What must hold all along is in verdict.py."""
