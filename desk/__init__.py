"""The desk: web pages and an HTTP API for the office that hands out work orders.

settings -> database (schema, migrations) -> store (orders, users, packs) ->
brain (the Router) -> api and pages -> app -> serve. Nothing here decides who
is responsible: every verdict comes from `engine.Router.route`.
"""
