"""OneRoster 1.1 and 1.2 as files: read with every fault named, written so that it reads back.

spec.py      the standard as tables: columns, required values, words, references
faults.py    one fault told once, with what it cost
package.py   the files there are beside the files of the manifest
records.py   rows by header, and faults of headers
values.py    faults of cells, ids and references
checks.py    the three above in order
standing.py  what is about this school and about now
book.py      people, their roles, their class
family.py    guardians of a child
duties.py    what the staff teach
account.py   what became of every file and line
reading.py   sound files become the same rows a spreadsheet gives
writing.py   the school as OneRoster 1.2 with metadata.cn.*
"""
