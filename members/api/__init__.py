"""The API's rooms of this app: members, tiers, imports."""
