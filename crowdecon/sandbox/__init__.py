"""A payment provider of our own making, for trials and for tests: `python -m crowdecon.sandbox --data FOLDER --port N`.

It is a stranger to the product, as a real provider is: a process of its own, its memory in its own SQLite file, spoken
to over HTTP alone. It counts the charges it made and is the judge of whether one was made twice. Nothing goes wrong in
it until a fault is switched on (faults.py).

    store.py    the memory                 server.py   HTTP: what is asked, and the faults of answering
    bank.py     payments and what they cost control.py what a tester may do
    events.py   the log, signed and sent   pages.py    what a payer and a tester see
"""
