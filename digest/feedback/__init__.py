"""What subscribers say back of papers: more, less, mute, save."""
