"""The ground floor: shared nouns, registries and the bus. It has no models and knows no app."""
