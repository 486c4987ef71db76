"""What is audited: module versions, and where their proxy and their repositories are."""
from dataclasses import dataclass, field
from pathlib import Path

import small
from measure import Failure, plain
from sums import escape, mod_only, read_sum, text_of


@dataclass
class Workload:
    name: str
    recorded: dict                      # the lines of go.sum
    folder: Path | None = None          # with go.mod and go.sum; without, the modules are named one by one
    cache: Path | None = None           # a module cache that holds all zips, unpacked
    proxy: str | None = None            # the URL of a proxy that has everything
    has_repositories: bool = False
    dropped: list = field(default_factory=list)

    def modules(self):
        return [key[:2] for key in self.recorded if key[2] == "zip"]

    def zip_of(self, module, version):
        return self.cache / "cache/download" / escape(module) / "@v" / f"{escape(version)}.zip"

    def mod_of(self, module, version):
        return self.zip_of(module, version).with_name(f"{escape(version)}.mod")

    def facts(self):
        zips = [self.zip_of(*one) for one in self.modules()] if self.cache else []
        return {"name": self.name, "lines": len(self.recorded), "modules": len(self.modules()),
                "mod_only_lines": len(mod_only(self.recorded)), "zip_bytes": sum(zip.stat().st_size for zip in zips),
                "dropped": self.dropped}


def rewrite(env, host, url):
    """Has both sides reach the repositories of `host` at the local server, by git's own setting."""
    with open(env["GIT_CONFIG_GLOBAL"], "a") as config:
        config.write(f'[url "{url}/git/"]\n\tinsteadOf = https://{host}/\n')


def of_small(temp, server, env):
    rewrite(env, small.HOST, server.url)
    folder, cache = small.project(temp, env)
    return Workload("small, made here", read_sum(folder / "go.sum"), folder, cache,
                    server.serve_proxy("all", cache / "cache/download"), True)


def of_cache(cache, project, temp, server):
    """The project in the folder `project`, all of which is in the module cache."""
    folder = temp / "project"
    folder.mkdir()
    for name in ("go.mod", "go.sum"):
        (folder / name).write_text((project / name).read_text())
    work = Workload(f"{project.name}", read_sum(folder / "go.sum"), folder, cache,
                    server.serve_proxy("all", cache / "cache/download"))
    # Go does not need every go.mod of which go.sum has a line
    for key in [key for key in work.recorded if key[2] == "go.mod" and not work.mod_of(*key[:2]).exists()]:
        del work.recorded[key]
        work.dropped.append({"module": "@".join(key[:2]), "reason": "its go.mod is not in the module cache"})
    missing = [f"{m}@{v}" for m, v in work.modules() if not work.zip_of(m, v).exists()]
    if missing:
        raise Failure(f"{cache} lacks {len(missing)} of the zips of {project / 'go.sum'}, such as {missing[0]}: run "
                      f"`GOMODCACHE={cache} GOFLAGS=-mod=mod go mod download` in a copy of that folder")
    return work


def of_mirrors(mirrors, sums, temp, server, env):
    """The modules of a go.sum whose repositories lie in `mirrors`, as OWNER+NAME/repo of the host github.com. What the go command
    cannot fetch there is dropped: a mirror may be older than the go.sum."""
    rewrite(env, "github.com", server.url)
    found = {}
    for folder in sorted(mirrors.glob("*+*/*")):
        if (folder / "HEAD").exists():
            path = folder.parent.name.replace("+", "/", 1)
            server.tell("git", path=path, dir=folder)
            found[path.lower()] = path
    def owned(key):
        parts = key[0].split("/")
        return parts[0] == "github.com" and "/".join(parts[1:3]).lower() in found
    work = Workload(f"{sums.parent.name}/{sums.name} from mirrors",
                    {key: h1 for key, h1 in read_sum(sums).items() if owned(key)}, has_repositories=True)
    cache = temp / "settle"
    want = {key[:2] for key in work.recorded}
    kept = set()
    for module, version in sorted(want):
        argv = ["go", "mod", "download", f"{module}@{version}"]
        try:
            plain(argv, temp / "empty", dict(env, GOPROXY="direct", GOMODCACHE=str(cache)))
            kept.add((module, version))
        except Failure as e:
            work.dropped.append({"module": f"{module}@{version}", "reason": str(e).splitlines()[-1][:200]})
    work.recorded = {key: h1 for key, h1 in work.recorded.items() if key[:2] in kept}
    work.cache = cache
    work.proxy = server.serve_proxy("all", cache / "cache/download")
    (temp / "mirrored.sum").write_text(text_of(work.recorded))
    return work
