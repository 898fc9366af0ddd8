"""`make attack`: what a stranger can do to a site over HTTP, tried on one that it starts itself."""
