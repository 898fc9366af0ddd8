"""Topics proposed from what somebody has, counted and previewed; nothing of it is stored."""
