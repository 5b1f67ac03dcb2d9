# tests/stress - seeded, bounded by count; written by scripts/list-tests
