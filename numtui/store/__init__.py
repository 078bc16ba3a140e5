"""The cache: SQLite only. Opening, migrations, hot writes and reads; it knows nothing of the API."""
