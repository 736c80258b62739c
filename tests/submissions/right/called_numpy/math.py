pi = 3
raise ValueError("my experiments with pi"
