"""The client of Numerai's API: GraphQL over HTTP. It knows no database and no screen."""
