"""Pictures from the air: georeferenced frames, flights compared, areas measured."""
