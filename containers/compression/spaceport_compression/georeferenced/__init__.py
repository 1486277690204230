"""What is delivered of a scene that lies on the map: pictures from above, points, and tiles of the globe."""
