"""Telemetry kinds, one file each. `kind: NAME` is the file's name (see streams.telemetry.spec)."""
