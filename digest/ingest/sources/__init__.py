"""Fetching and parsing sources: Hugging Face, arXiv and any feed become ParsedEntry."""
