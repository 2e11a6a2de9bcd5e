"""Another site file for a gateway that runs: what differs, and how only that restarts."""
