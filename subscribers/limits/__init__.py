"""What one visitor or network may have: so many calls, so many attempts, so much computing."""
