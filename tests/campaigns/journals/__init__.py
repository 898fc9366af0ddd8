"""Twenty made journals, read for fourteen days: does everybody get every paper once?"""
