"""Scores for learning platforms: results and the platform's own export in, a file to upload out."""
