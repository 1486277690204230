"""What a viewer makes of the scene, beside the model."""
