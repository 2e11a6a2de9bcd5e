"""The models on this box: which there are, whether they are sound, and where more come from."""
