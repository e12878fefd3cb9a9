"""Checks of the media that recordings refer to (音视频)."""
