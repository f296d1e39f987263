"""The REST API's base: how every operation answers, whichever app it belongs to.

Nothing here knows an app. What must be known of keys and stored answers is handed in from above: by
`REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"]` and by `idempotency.keep_in`.
"""
