"""What the console asks of the ground, worked out in a process of its own: the daemon's loads none of its libraries."""
