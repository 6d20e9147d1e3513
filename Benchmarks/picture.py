"""Draws a report of `compare`: how many times each peer's figure Starling's is, row by row.

    python Benchmarks/picture.py FILE.svg|FILE.png < report.json
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# Colours and marks that stay apart in grey and for the colour-blind.
LOOKS = {
    "PyTorch": ("#B35806", "o"), "ONNX Runtime": ("#2166AC", "s"), "JAX": ("#5E3C99", "^"),
    "SciPy program": ("#4D4D4D", "D")}
WORDS = {"train": "train", "infer": "predict"}


def draw(report, path):
    matplotlib.rcParams.update({
        "svg.hashsalt": "starling", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9})
    rows = [row for row in report["rows"] if "Starling" in row["results"]]
    figure, axes = plt.subplots(figsize=(8, 1.6 + 0.42 * len(rows)), layout="constrained")
    named = set()
    for place, row in enumerate(rows):
        for name, result in row["results"].items():
            if name == "Starling":
                continue
            ratio, (colour, mark) = result["ratio"], LOOKS[name]
            axes.plot([ratio["lowest"], ratio["highest"]], [place, place], color=colour, linewidth=2, alpha=0.5)
            axes.plot(ratio["median"], place, mark, color=colour, label=None if name in named else name)
            axes.annotate(f"{ratio['median']:.3g}", (ratio["median"], place), xytext=(0, 6),
                          textcoords="offset points", ha="center", color=colour, fontsize=8)
            named.add(name)
        axes.plot(row["atLeast"], place, "|", color=LOOKS[row["peer"]][0], markersize=14, markeredgewidth=2)
    axes.plot([], [], "|", color="black", markersize=10, markeredgewidth=2, label="aim, in its peer's colour")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.set_yticks(range(len(rows)), [
        f"{row['network']}, {WORDS[row['mode']]}, {row['batchSize']}" for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.7)
    axes.grid(axis="x", which="both", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("Starling's images a second over the peer's (median, and lowest to highest round)")
    machine = report["machine"]
    axes.set_title(f"{machine['processor']}, {machine['cores']} cores, {report['date']}", fontsize=9)
    figure.legend(loc="outside lower center", ncols=5, frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)


if len(sys.argv) != 2 or not sys.argv[1].endswith((".svg", ".png")):
    sys.exit("usage: python Benchmarks/picture.py FILE.svg|FILE.png < report.json")
draw(json.load(sys.stdin), sys.argv[1])
