"""The file mailbox of embedded mode: what would be sent is written to a folder and read at `/mailbox/`."""
