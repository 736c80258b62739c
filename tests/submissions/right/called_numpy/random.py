from random import randint

print("dice", randint(1, 6))
shuffle = None
