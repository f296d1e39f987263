"""Files as other tools write them, each a kind of import of its own: translated into members' rows, row by row."""
