"""How the service itself is: what answered last, and when."""
