"""Files of proof on their way to the command centre: a queue that survives, and a tus client."""
