"""What people see and do, in a real browser on a real server with a real worker.

Nothing is emptied between these tests: the server and its worker go on, as they do in life. Each test makes
its own people and communities, and the whole folder's rows go when its last test has run.
"""
