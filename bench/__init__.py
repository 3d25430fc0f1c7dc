"""Measurements beside what a user would have without zhuban. Timings live here, never in tests."""
