"""What the desk keeps: orders and their history, users, tokens, packs, counts. SQL lives here and nowhere else."""
