"""A fictional press: publishers served over real HTTP on loopback, for the demonstration, the tests and the evals."""
