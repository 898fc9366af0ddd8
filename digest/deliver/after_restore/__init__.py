"""After a backup came back: nothing leaves until what was mailed since is known."""
