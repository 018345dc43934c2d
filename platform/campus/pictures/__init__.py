"""Pictures from strangers become pictures of ours, drawn anew where decoding can do no harm.

redraw.py  redrawn(), squared(): ask a child for the drawing, put a refusal into words
child.py   the child's work: bounds by the header first, then decoding
"""
