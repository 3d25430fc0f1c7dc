"""The pages for people: one module for each page, Chinese throughout."""
