"""Made-up papers for a first run without a network."""
