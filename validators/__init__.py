"""Contracts turned into pandera schemas and rules; frames in, accepted, rejected, held and findings out."""
