"""PostgreSQL and Valkey from wheels, and the processes of `make run`.

Who needs the servers *attaches* (services.py) by holding a shared lock in the data folder. The first to attach starts
the *keeper* (keeper.py), which runs the two servers and stops them when nobody is attached any more; locks go with
their process, so a killed one counts as gone. The *supervisor* (supervisor.py) attaches and runs web, worker and
scheduler. `bootstrap.py` comes before all of them, with nothing installed yet.
"""
