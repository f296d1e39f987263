"""The API's rooms of this app: keys, communities, circles."""
