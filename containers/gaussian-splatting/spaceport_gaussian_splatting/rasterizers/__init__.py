"""Three ways to draw Gaussians, behind one protocol (`protocol.py`); `choice.py` picks one."""
