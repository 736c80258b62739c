def outline(cells): return {}
