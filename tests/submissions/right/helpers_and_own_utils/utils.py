# my notes, please ignore
relu = None
sigmoid = lambda z: 0
X_train, y_train = [], []
raise SystemExit("this is not the file you are looking for"
