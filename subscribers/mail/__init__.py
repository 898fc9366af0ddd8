"""Letters to a subscriber: their text, the links in them, and the connection they leave by."""
