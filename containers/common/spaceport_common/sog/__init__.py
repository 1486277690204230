"""SOG, the web format of scenes: written by compression, and by training for who waits for it (docs/sog.md)."""
