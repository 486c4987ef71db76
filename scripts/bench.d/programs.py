"""The programs of the benchmark: gosum, those of `go/` beside this file, and the environment in which Go runs."""
import json
import os
import shutil
from pathlib import Path

from measure import Failure, plain

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def build_gosum():
    argv = "cargo build --release --locked -p gosum --message-format json-render-diagnostics".split()
    messages = map(json.loads, plain(argv, ROOT).splitlines())
    return next(Path(m["executable"]) for m in messages if m.get("executable"))


def build_go_programs(temp):
    """Builds the programs in `go/` with the golang.org/x/mod that the go command itself is made of: no network is needed."""
    if not shutil.which("go"):
        raise Failure("there is no go command: nothing to measure against")
    goroot = Path(plain(["go", "env", "GOROOT"], temp).strip())
    source, programs = temp / "src", temp / "bin"
    shutil.copytree(HERE / "go", source)
    shutil.copytree(goroot / "src/cmd/vendor/golang.org/x/mod", source / "mod")
    (source / "mod" / "go.mod").write_text("module golang.org/x/mod\n\ngo 1.25\n")
    (source / "go.mod").write_text("module bench\n\ngo 1.25\n\nrequire golang.org/x/mod v0.0.0\n\n"
                                   "replace golang.org/x/mod => ./mod\n")
    env = dict(os.environ, GOFLAGS="", GOPROXY="off", GOTOOLCHAIN="local", GOWORK="off")
    plain(["go", "build", "-o", f"{programs}/", "./server", "./hashzip", "./measure"], source, env)
    return programs


def environment(temp, cores):
    """What both sides see: nothing of the user's own settings, and version control at the local server."""
    home = temp / "home"
    home.mkdir()
    (home / "gitconfig").write_text("")
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
    return dict(kept, HOME=str(home), GOENV="off", GOPATH=str(home / "go"), GOTOOLCHAIN="local", GOWORK="off",
                GOFLAGS="-modcacherw -mod=mod", GOSUMDB="off", GOMAXPROCS=str(cores), RAYON_NUM_THREADS=str(cores),
                GIT_CONFIG_GLOBAL=str(home / "gitconfig"), GIT_CONFIG_NOSYSTEM="1", GIT_TERMINAL_PROMPT="0")


def pin(cores):
    """Keeps this program and all that it starts, servers too, on so many cores; says whether that could be done."""
    if not hasattr(os, "sched_setaffinity"):
        return (os.cpu_count() or 0) == cores
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < cores:
        return False
    os.sched_setaffinity(0, mine[:cores])
    return True
