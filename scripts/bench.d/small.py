"""A workload that is made here: repositories with modules in them, and what the go command makes of those."""
import random
from pathlib import Path

from measure import plain
from sums import of_cache, text_of

HOST = "bench.example"
REPOSITORIES = 40
VERSIONS = 3
FILES = 150
# the sizes of files in published modules: a median of 2.9 KB, 21 KB at nine in ten, and a long tail
MEDIAN, SPREAD, LARGEST = 2900, 1.55, 4 << 20
WORDS = ("func return if err != nil { } := range len append string []byte error int for switch case default type struct "
         "interface map context.Context ctx s.client request response fmt.Errorf time.Duration t.Run require.NoError "
         "// Returns the value of package import const var nil true false defer go select chan sync.Mutex").split()


def make(temp, seed):
    """Returns the folder of bare repositories; each has the tags of its module's versions."""
    rng = random.Random(seed)
    lines = ["".join(("\t" * rng.randrange(3), " ".join(rng.choices(WORDS, k=rng.randint(1, 9))),
                      str(rng.randrange(10**6)) if rng.random() < 0.4 else "", "\n")).encode() for _ in range(20000)]
    root = temp / "repositories"
    for number in range(REPOSITORIES):
        folder = root / f"r{number}.git"
        plain(["git", "init", "--quiet", "--bare", folder], temp)
        # one module holds as much as eight others, as the largest of a real project do
        files = FILES * (8 if number == 0 else 1)
        plain(["git", "fast-import", "--quiet"], folder, data=b"".join(history(rng, lines, number, files)))
        plain(["git", "repack", "-adq"], folder)
    return root


def module_of(number):
    return f"{HOST}/r{number}.git"


def history(rng, lines, number, files):
    """The stream of one repository: a commit and a tag for each version, of which each changes a tenth of the files."""
    for version in range(VERSIONS):
        changed = [at for at in range(files) if version == 0 or rng.random() < 0.1]
        yield (f"commit refs/heads/main\ncommitter Bench <bench@{HOST}> {1700000000 + 1000 * version} +0000\n"
               f"data 1\nx\n").encode()
        yield b"M 100644 inline go.mod\n" + blob(go_mod(rng, number).encode())
        for at in changed:
            yield f"M 100644 inline p{at % 9}/f{at}.go\n".encode() + blob(content(rng, lines))
        yield f"\nreset refs/tags/v1.{version}.0\nfrom refs/heads/main\n\n".encode()


def blob(data):
    return b"data %d\n%s\n" % (len(data), data)


def content(rng, lines):
    size = min(LARGEST, int(rng.lognormvariate(0, SPREAD) * MEDIAN))
    parts, total = [b"package p\n"], 0
    while total < size:
        parts.append(lines[rng.randrange(len(lines))])
        total += len(parts[-1])
    return b"".join(parts)


def go_mod(rng, number):
    """Requires modules with higher numbers, at versions of which the build list may take newer ones: those become lines of a
    go.sum that has their go.mod alone."""
    further = [at for at in range(number + 1, min(number + 6, REPOSITORIES)) if rng.random() < 0.7]
    requires = "".join(f"require {module_of(at)} v1.{rng.randrange(VERSIONS)}.0\n" for at in further)
    return f"module {module_of(number)}\n\ngo 1.16\n\n{requires}"


def project(temp, env):
    """Returns a folder with the go.mod and go.sum of a project that requires everything, and the module cache into which the go
    command has downloaded it from the repositories."""
    folder, cache = temp / "project", temp / "modcache"
    folder.mkdir()
    requires = "".join(f"\t{module_of(at)} v1.{VERSIONS - 1}.0\n" for at in range(REPOSITORIES))
    (folder / "go.mod").write_text(f"module {HOST}/main\n\ngo 1.21\n\nrequire (\n{requires})\n")
    plain(["go", "mod", "download"], folder, dict(env, GOPROXY="direct", GOMODCACHE=str(cache)))
    sums = of_cache(cache)
    (folder / "go.sum").write_text(text_of(dict(sorted(sums.items()))))
    return Path(folder), Path(cache)
