"""Text as sources give it, with TeX, markup and odd characters, to plain Unicode."""
