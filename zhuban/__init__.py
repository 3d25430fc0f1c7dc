"""The name under which jobs import what runs elsewhere; the engine itself is `engine`."""
