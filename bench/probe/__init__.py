"""The daemon with a stopwatch at its doors: `python -m bench.probe run --config FILE` is `sandwatch run`, and its
processes write down when what passed where, under $SANDWATCH_PROBE. Nothing of it is in the product."""
