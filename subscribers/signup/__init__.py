"""Double opt-in: a wish, the mail that asks to confirm it, and its confirmation."""
