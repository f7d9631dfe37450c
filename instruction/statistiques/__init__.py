"""The statistics of a procédure: one module by theme, computed in SQL when they are asked for."""
