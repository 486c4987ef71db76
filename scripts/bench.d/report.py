"""What was measured, as a table."""
from statistics import median

from measure import walls
from scene import seconds

HEADS = ("min", "median", "CPU s", "RSS MB", "servers' CPU s", "requests", "MB")


def row(uses):
    last = uses[-1]
    traffic = last.get("traffic", {})
    sums = {name: sum(kind[name] for kind in traffic.values()) for name in ("requests", "bytes")}
    server = f"{min(use['server_cpu_s'] for use in uses):.2f}" if "server_cpu_s" in last else "-"
    return [seconds(min(walls(uses))), seconds(median(walls(uses))), f"{min(use['cpu_s'] for use in uses):.2f}",
            f"{max(use['rss_bytes'] for use in uses) / 1e6:.0f}", server,
            str(sums["requests"]) if traffic else "-", f"{sums['bytes'] / 1e6:.1f}" if traffic else "-"]


def show(scene, say):
    """One scene: a row a command, then the ratios."""
    say(f"  {'':<18}" + "".join(f"{head:>{max(10, len(head) + 3)}}" for head in HEADS))
    for label, uses in scene["runs"].items():
        cells = zip(HEADS, row(uses))
        say(f"  {label:<18}" + "".join(f"{cell:>{max(10, len(head) + 3)}}" for head, cell in cells)
            + "  noisy" * (label in scene["noisy"]))
    for name, count in scene["facts"].items():
        say(f"  {name}: {count}")
    for ratio in scene["ratios"]:
        more = f", requests {ratio['requests']:.1f}x" if "requests" in ratio else ""
        say(f"  ({' + '.join(ratio['of'])}) / {ratio['to']}: {ratio['median']:.1f}x by medians, {ratio['min']:.1f}x by minima, "
            f"CPU {ratio['cpu']:.1f}x{more}")


def summary(result, say):
    say(f"\nGo with GOMAXPROCS={result['cores']}; ratios of medians")
    for scene in result["scenes"]:
        for ratio in scene["ratios"]:
            noisy = "   (noisy)" if scene["noisy"] else ""
            say(f"  {scene['name']:<10} {ratio['to']:<18} {ratio['median']:8.1f}x{noisy}")
    for name, why in result["left_out"].items():
        say(f"  {name:<10} left out: {why}")
