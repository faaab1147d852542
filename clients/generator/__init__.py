"""Generates the types and methods of the clients from the OpenAPI document: `make clients`."""
