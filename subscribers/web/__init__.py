"""The pages of sign-up, confirmation, preferences and account."""
