"""Spreadsheets a stranger made become plain text cells, read where they can do no harm.

A workbook is a program for the reader: one cell at XFD1048576 asks for 17 billion cells, one entry
of 300 kB unpacks to 300 MB. So a file is opened only in a child process without environment,
database or secrets, under limits of memory and time; what comes back is text, row by row.

model.py    Table, Sheet, Limits, UnreadableFile: what everybody else needs
parent.py   read_bytes, read_path: start the child, feed it, believe nothing it says
child.py    the child's main: limits first, then reading
archives.py zip files measured before they are opened; OneRoster and look-alikes told apart
books.py    xlsx, xlsb, xls, ods by calamine; cells merged over several rows
hidden.py   which rows of a workbook are hidden or filtered out
texts.py    csv: encodings and delimiters
quotes.py   csv rows whose quotes do not end
biff.py     hidden rows of xls and et
cells.py    any cell as clean text
"""
