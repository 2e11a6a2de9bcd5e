"""Talk-back in the daemon: the groups, who is connected to them and by what, and the letters over MQTT."""
