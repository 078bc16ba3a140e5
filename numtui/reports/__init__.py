"""One module a table or screen: reads the cache, calls analysis, returns frozen tables. No HTTP, no Textual."""
