"""Tracks: one person followed through the frames of one camera."""
