"""The edge that speaks HTTP: knows ASGI and nothing of money."""
