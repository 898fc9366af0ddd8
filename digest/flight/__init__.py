"""Whether an edition may leave: checked before, and watched while it does (docs/flight.md).

An edition is a calendar day's and grows all day, as readers' hours come. Its state is a row that
all workers obey (digest/models/flights.py); nothing of it is kept in a process.
"""
