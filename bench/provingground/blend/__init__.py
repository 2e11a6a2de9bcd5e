"""All that touches `bpy` (Blender 4.5 as a module): scene in, linear picture, depth and index passes out."""
