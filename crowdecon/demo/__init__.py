"""Five living communities, one of each type, for trying the platform out.

`profiles` say what each is like, `simulation` lives a year of it (seeded and pure), `staging` puts what
happened in through the services and, where a thing has no service yet, through the importer.
"""
