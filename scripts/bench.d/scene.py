"""What the scenes have in common."""
import random
from statistics import median

from measure import Failure, is_noisy, settled, walls


class Scene:
    """One comparison. A subclass gives `name`, `title`, `commands` (label to a function that runs it once and returns its use),
    `ratios` (what of Go is held against what of gosum), and may check what a run gave and plant something to be found."""
    name = title = ""
    most_rounds = 10**6

    def __init__(self, bench):
        self.bench, self.facts = bench, {}

    def lacking(self):
        """Why the scene cannot run, if so."""

    def prepare(self):
        """What is not measured."""

    def commands(self):
        raise NotImplementedError

    def ratios(self, labels):
        """(Go's labels, gosum's label) pairs: the sum of Go's is held against gosum's."""
        return [([label for label in labels if label.startswith("go ")], label)
                for label in labels if label.startswith("gosum")]

    def flip(self, rng):
        """Changes something; gosum must find it, and nothing else. Says what it was."""


def play(scene, rounds, seed, say):
    """Runs a scene: one round that is not counted, then rounds in which each command has its turn."""
    scene.prepare()
    commands = scene.commands()
    for run in commands.values():
        run()
    uses = {label: [] for label in commands}
    found = []
    for number in range(1, min(rounds, scene.most_rounds) + 1):
        for label, run in commands.items():
            settled()
            uses[label].append(run())
        say(f"  round {number}: " + ", ".join(f"{label} {seconds(of[-1]['wall_s'])}" for label, of in uses.items()))
        planted = scene.flip(random.Random(f"{seed} {scene.name} {number}"))
        if planted:
            say(f"    {planted}: found, and nothing else")
            found.append(planted)
    return {"name": scene.name, "title": scene.title, "runs": uses, "facts": scene.facts, "planted": found,
            "ratios": [ratio(uses, go, ours) for go, ours in scene.ratios(list(commands))],
            "noisy": [label for label, of in uses.items() if is_noisy(of)]}


def ratio(uses, go, ours):
    held = {"of": go, "to": ours}
    for name, pick in (("median", median), ("min", min)):
        held[name] = sum(pick(walls(uses[label])) for label in go) / pick(walls(uses[ours]))
    held["cpu"] = sum(min(use["cpu_s"] for use in uses[label]) for label in go) / max(
        1e-9, min(use["cpu_s"] for use in uses[ours]))
    requests = [sum(t["requests"] for t in uses[label][-1].get("traffic", {}).values()) for label in (*go, ours)]
    if requests[-1]:
        held["requests"] = sum(requests[:-1]) / requests[-1]
    return held


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def expect(held, why):
    if not held:
        raise Failure(why)
