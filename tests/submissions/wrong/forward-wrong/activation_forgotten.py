import numpy as np
from utils import*
R=lambda*s:np.random.rand(*s)*2-1
class Layer:
    def __init__(s,i,n,f):s.weights,s.biases,s.f=R(n,i),R(n,1),f
    def forward(s,x):s.x=np.reshape(x,(-1,1));s.z=s.weights@s.x+s.biases;return s.z
    def backward(s,da,r):d=da*s.f.derivative(s.z);g=s.weights.T@d;s.weights[:]-=r*d*s.x.T;s.biases[:]-=r*d;return g
class Perceptron:
    def __init__(s,l):s.l=l
    def forward(s,x):return[x:=l.forward(x)for l in s.l][-1]
    def fit(s,X,Y,E,r):
        for e in range(E):
            L=0
            for x,(y,)in zip(X,Y):
                p=s.forward(x);q=1-y-p;L-=np.log(abs(q)).sum();d=1/q
                for l in s.l[::-1]:d=l.backward(d,r)
            print(f"Loss at epoch {e+1}: {L/len(X):.3f}")
exec("P=Perceptron([Layer(2,6,relu),Layer(6,6,relu),Layer(6,1,sigmoid)]);P.fit(X_train,y_train,2,.01)")
