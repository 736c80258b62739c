"""Says what isolation this machine offers, and attacks it."""
