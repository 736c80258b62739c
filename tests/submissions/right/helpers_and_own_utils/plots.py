from matplotlib import pyplot as plt


def show_curve(curve):
    fig, ax = plt.subplots()
    line, = ax.plot(range(1, len(curve) + 1), curve)
    line.set_color("tab:orange")
    ax.set(xlabel="epoch", ylabel="loss")
    fig.tight_layout()
    plt.show()
