"""From the API's records to the cache's rows, by subject."""
