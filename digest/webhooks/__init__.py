"""Addresses of others hear when somebody confirmed, left or bounced: noted, signed, posted."""
