"""Everything that speaks to Numerai: GraphQL over HTTP, and nothing else. It knows no database and no screen."""
