"""The API's rooms of this app: activities, figures, a member's timeline."""
