"""Coordinates and what is drawn in them: reference systems, parcels, files to hand on."""
