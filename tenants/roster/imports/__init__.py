"""A roster on the screen: upload, columns, preview, apply, result.

A run is one file on its way (models.py). Reading it again is cheaper than trusting what was kept,
so every station starts from the raw file in the object store, and a preview says exactly what
applying would do. What was raw is deleted when the run is done, at the latest after seven days.

models.py   runs, lines of a preview, habits, memory, numbers
files.py    the raw file in and out of the object store; the workbook with red cells
actions.py  what a person decides: start, columns, conflicts, apply, cancel
jobs.py     previewing and applying with progress; forgetting what is old
queries.py  what the pages show
merges.py   the same child twice: made one, with a way back
routes.py   the pages
"""
