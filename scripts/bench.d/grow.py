"""How time grows with the number of lines."""
import io
import zipfile

from audit import Audit
from scene import Scene
from sums import h1_of, text_of

SIZES = (10, 100, 1000, 10000)
HOST = "grow.example"


class Growth(Scene):
    name, title = "growth", "audit by proxy, tiny modules"
    most_rounds = 3

    def prepare(self):
        tree = self.bench.temp / "growth"
        sums = publish(tree, max(SIZES) // 2)
        self.bench.server.tell("delay", ms=0)
        self.proxy = self.bench.server.serve_proxy("growth", tree)
        self.audits = {}
        for size in SIZES:
            self.audits[size] = Grown(self.bench, size, dict(list(sums.items())[:size]), self.proxy)

    def commands(self):
        runs = {}
        for size, audit in self.audits.items():
            runs[f"go {size}"] = lambda audit=audit: audit.download("proxy")
            runs[f"gosum {size}"] = audit.audited
        return runs

    def ratios(self, labels):
        return [([f"go {size}"], f"gosum {size}") for size in SIZES]


class Grown(Audit):
    """The audit of so many lines."""

    def __init__(self, bench, size, recorded, proxy):
        super().__init__(Part(bench, size, recorded, proxy), f"growth-{size}", ["proxy"], 0)
        self.want, self.sources = {}, ["proxy"]


class Part:
    """The bench, with another workload."""

    def __init__(self, bench, size, recorded, proxy):
        self.bench = bench
        folder = bench.temp / f"growth-{size}"
        folder.mkdir()
        requires = "".join(f"\t{m} {v}\n" for m, v, kind in recorded if kind == "zip")
        (folder / "go.mod").write_text(f"module {HOST}/main\n\ngo 1.21\n\nrequire (\n{requires})\n")
        (folder / "go.sum").write_text(text_of(recorded))
        self.work = type(bench.work)(f"{size} lines", recorded, folder, None, proxy)

    def __getattr__(self, name):
        return getattr(self.bench, name)

    def copy_of_project(self, name, with_sums=True):
        return self.bench.copy_of_project(name, with_sums, self.work.folder)


def publish(tree, modules):
    """Writes a proxy's folder with so many small modules, and returns their lines. Go checks each against go.sum as it downloads:
    hashes that were not its own would end the run."""
    sums = {}
    for number in range(modules):
        module, version = f"{HOST}/m{number:05}", "v1.0.0"
        go_mod = f"module {module}\n\ngo 1.21\n".encode()
        files = {f"{module}@{version}/go.mod": go_mod,
                 f"{module}@{version}/m.go": f"package m\n\nconst Number = {number}\n".encode()}
        folder = tree / module / "@v"
        folder.mkdir(parents=True)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zip:
            for name, content in files.items():
                zip.writestr(name, content)
        (folder / f"{version}.zip").write_bytes(packed.getvalue())
        (folder / f"{version}.mod").write_bytes(go_mod)
        (folder / f"{version}.info").write_text(f'{{"Version":"{version}","Time":"2024-01-01T00:00:00Z"}}')
        sums[module, version, "zip"] = h1_of(files.items())
        sums[module, version, "go.mod"] = h1_of([("go.mod", go_mod)])
    return sums
