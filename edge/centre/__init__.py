"""The reference consumer for command centres: reads events, keeps each once, and says so to the box."""
