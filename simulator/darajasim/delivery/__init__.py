"""Carrying callbacks to the merchant: real HTTP, every attempt an answer or a named failure."""
