"""The description of the API: the OpenAPI document, made from the endpoints, and the page that shows it."""
