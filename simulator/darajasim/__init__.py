"""A fake Safaricom Daraja that behaves like the real one, and a judge of what meets it."""

__version__ = "0.1.0"
