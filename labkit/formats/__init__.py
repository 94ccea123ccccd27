"""Foreign files, one module a form: each is read into rows and bad rows, and written; nothing else is touched."""
