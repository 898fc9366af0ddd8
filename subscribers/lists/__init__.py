"""Lists of subscribers and their topics, read from files and written to them."""
