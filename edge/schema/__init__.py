"""JSON Schema of every message, and the AsyncAPI document: made from the models, kept in config/."""
