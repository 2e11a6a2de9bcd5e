"""The console's API over HTTP: who asks is known, what is asked is bounded, and every endpoint names its right."""
