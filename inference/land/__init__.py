"""Land disturbance as a fixed camera sees it: ground that changed against a dated reference."""
