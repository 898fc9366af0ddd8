"""Stage 5. A mail set from each delivery, as HTML and as text."""

from digest.render.stage import Typesetter

__all__ = ["Typesetter"]
