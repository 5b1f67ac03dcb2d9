# tests/lint - the rules of HACKING.md, held by programs
