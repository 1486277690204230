"""Pictures of a model, as web viewers draw it."""
