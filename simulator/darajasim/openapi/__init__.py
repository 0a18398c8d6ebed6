"""OpenAPI 3.1 of the Daraja face, callbacks included, made of the operations themselves."""

from darajasim.openapi.document import document

__all__ = ["document"]
