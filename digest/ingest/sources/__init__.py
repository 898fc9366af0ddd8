"""Foreign shapes end here: Hugging Face, arXiv and any feed become ParsedEntry."""
