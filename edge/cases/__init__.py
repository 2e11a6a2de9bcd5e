"""Cases: what the command centres answer to an event, until it is closed and evaluated (四步联单)."""
