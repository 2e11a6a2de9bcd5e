"""The benchmarks. A bench is a module here with a `QUESTION` and `run(quick: bool) -> Report`."""
