"""Whether the tests of the pure modules would notice a wrong line: each is broken in many small ways, and tested."""
