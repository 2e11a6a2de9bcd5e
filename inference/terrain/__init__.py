"""Where the pixels of a picture lie on the ground, and how sure that is."""
