"""What a report becomes: a page, a Word report, a reply, comments in the original, a year's summary."""
