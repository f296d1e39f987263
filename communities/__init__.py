"""Places: communities, their types, circles, and the keys to them."""
