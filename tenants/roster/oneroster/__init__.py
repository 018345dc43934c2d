"""OneRoster 1.1 and 1.2 as files: read with every fault named, written so that it reads back.

spec.py     headers in the standard's order, required columns, the manifest's names
checks.py   structure: headers, files against the manifest, references, cycles
reading.py  sound files become the same rows a spreadsheet gives
writing.py  the school as OneRoster 1.2 with metadata.cn.*
"""
