"""What people may ask of a running box, whichever way they ask: docs/commands.md."""
