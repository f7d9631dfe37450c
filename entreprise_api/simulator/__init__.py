"""API Entreprise as the demo and the tests meet it: invented companies behind its real paths."""
