"""The whole program against a second, independent implementation of the API."""
