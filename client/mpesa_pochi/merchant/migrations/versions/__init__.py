"""The revisions of the tables, oldest first. What is released is never changed."""
