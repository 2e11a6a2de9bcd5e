"""Machines, vehicles, vessels and people, one file per kind. x ahead, y left, z up, m; the ground is z = 0."""
