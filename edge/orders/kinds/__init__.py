"""One file per command: see edge.orders.registry."""
