"""A report of `compare` as a line for the terminal, and as tables in Markdown."""

WORDS = {"train": "Training", "infer": "Predicting"}


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def times(value):
    return f"{value:.1f}×" if value >= 10 else f"{value:.2f}×"


def figure(result):
    rates = result["imagesPerSecond"]
    return f"{number(rates['median'])} ({number(rates['lowest'])}–{number(rates['highest'])})"


def cell(result):
    """A contestant's median and spread, and how many times its figure ours is."""
    if result is None:
        return "—"
    return figure(result) + (f" · {times(result['ratio']['median'])}" if "ratio" in result else "")


def line(row):
    """One row for the terminal."""
    parts = [f"    {name:14} {cell(result)}" for name, result in row["results"].items()]
    if "Starling" not in row["results"]:
        parts.append("    Starling       not measured")
    name = f"{row['network']}, {WORDS[row['mode']].lower()}, batch {row['batchSize']}"
    aim = f"   (aim: {row['atLeast']}× {row['peer']})" if row["atLeast"] else ""
    return "\n".join([name + aim, *parts])


def origin(report):
    """The machine, the day, the versions, and how quiet it was."""
    machine, busy = report["machine"], report["busyBetweenTurns"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    sets = {row["results"]["Starling"]["instructionSet"] for row in report["rows"] if "Starling" in row["results"]}
    text = (
        f"{machine['processor']}, {machine['cores']} cores{''.join(f', {name}' for name in sorted(sets))}; "
        f"{machine['system']}; {report['date']}. {versions}. Medians of {report['rounds']} rounds in turn.")
    if busy:
        text += f" Between turns other work kept {busy['median']:.0%} of the machine busy (at most {busy['highest']:.0%})."
    return text


def conditions(report):
    if report["itself"]:
        reading = "behind the figure of a handicap, how many times that Starling's without it is."
    else:
        reading = ("each contestant with the better of one thread and all; "
                   "behind a peer's, how many times that Starling's is.")
    return f"{origin(report)} Images a second (lowest–highest); {reading}"


def markdown(report):
    blocks = [conditions(report)]
    for mode, title in WORDS.items():
        rows = [row for row in report["rows"] if row["mode"] == mode]
        if not rows:
            continue
        peers = list(dict.fromkeys(name for row in rows for name in row["results"] if name != "Starling"))
        header = [title, "batch", "Starling", *peers, f"over {rows[0]['peer']}", "aim"]
        width = len(header) - 2 * report["itself"]  # a handicap is no peer, and has no aim
        lines = [header[:width], ["---", *["---:"] * (width - 1)]]
        for row in rows:
            results = row["results"]
            ratio = results.get(row["peer"], {}).get("ratio")
            lines.append([
                row["network"], str(row["batchSize"]),
                *(cell(results.get(name)) for name in ["Starling", *peers]),
                f"{times(ratio['median'])} ({times(ratio['lowest'])}–{times(ratio['highest'])})" if ratio else "—",
                f"{row['atLeast']}×"][:width])
        blocks.append("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
    if report["errors"]:
        blocks.append("\n".join(["Not measured:", "", *(f"- {error}" for error in report["errors"])]))
    return "\n\n".join(blocks) + "\n"
