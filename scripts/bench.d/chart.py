"""What was measured, as a picture: for each ratio one bar of Go and one of gosum, in seconds of the median."""
from html import escape
from statistics import median

from measure import walls
from scene import seconds

WIDTH, BAR, LEFT, RIGHT = 920, 15, 250, 190
STYLE = ("text{font:13px system-ui,sans-serif;fill:#1f2328}.t{font-weight:600}.s{fill:#59636e;font-size:11px}"
         ".go{fill:#8c959f}.gosum{fill:#0969da}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}"
         ".go{fill:#656c76}.gosum{fill:#4493f8}}")


def pairs(result):
    for scene in result["scenes"]:
        for ratio in scene["ratios"]:
            go = sum(median(walls(scene["runs"][label])) for label in ratio["of"])
            ours = median(walls(scene["runs"][ratio["to"]]))
            # several ratios of one scene are told apart by their commands
            of = scene["name"] if len(scene["ratios"]) == 1 else f"{scene['name']}: {ratio['to']}"
            yield of, " + ".join(ratio["of"]), go, ours, bool(scene["noisy"])


def svg(result):
    """The SVG. In each pair the longer bar has the full width: what is compared stands side by side, and no pair with another."""
    rows, y = [], 60
    room = WIDTH - LEFT - RIGHT
    for name, of, go, ours, noisy in pairs(result):
        longest = max(go, ours)
        note = f"{go / ours:.1f}x" + (" (noisy)" if noisy else "")
        rows.append(f'<text class="t" x="10" y="{y + 12}">{escape(name)}</text>'
                    f'<text class="s" x="10" y="{y + 29}">{escape(of)}</text>'
                    f'<text class="t" x="{WIDTH - 10}" y="{y + 20}" text-anchor="end">{note}</text>')
        for at, (kind, time) in enumerate((("go", go), ("gosum", ours))):
            width, top = max(1, time / longest * room), y + at * (BAR + 3)
            rows.append(f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>'
                        f'<text x="{LEFT + width + 6:.1f}" y="{top + 12}">{seconds(time)}</text>')
        y += 2 * BAR + 22
    head = f"Go (grey) and gosum (blue), {result['cores']} cores, GOMAXPROCS={result['cores']}, {result['workload']['name']}"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">'
            f"<title>{escape(head)}</title><style>{STYLE}</style>"
            f'<text class="t" x="10" y="22">{escape(head)}</text>'
            f'<text class="s" x="10" y="40">median seconds of {result["rounds"]} interleaved rounds; {escape(result["go"])}</text>'
            f"{''.join(rows)}</svg>\n")
