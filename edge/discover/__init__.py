"""Which cameras are on the network, and a list of streams to paste."""
