"""sandwatch doctor: what is wrong with a box, before it is left alone."""
