"""Where a moving camera was, and where it looked: telemetry of drones and patrol vehicles."""
