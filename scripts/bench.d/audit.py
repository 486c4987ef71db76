"""Scenes with sources: the audit, and `go mod download` through the same servers."""
import json
import shutil

from measure import Failure
from scene import Scene, expect
from server import Server
from sums import flip_line, mod_only, of_cache, text_of


class Audit(Scene):
    def __init__(self, bench, name, paths, delay, database=False):
        super().__init__(bench)
        self.name, self.paths, self.delay, self.database = name, paths, delay, database
        asked = " and ".join(paths) + (" and the database, all at once" if database else "")
        self.title = f"audit by {asked}, {delay} ms added to each answer"

    def lacking(self):
        work = self.bench.work
        if "proxy" in self.paths and not work.proxy:
            return "there is no proxy"
        return None if work.has_repositories or "direct" not in self.paths else "there are no repositories"

    def prepare(self):
        self.want = {}  # by path, what Go makes of what it fetches
        self.sources = [*self.paths, *["sumdb"] * self.database]
        if self.database:
            sums = self.bench.temp / "database.sum"
            sums.write_text(text_of(self.bench.work.recorded))
            self.bench.server.tell("sums", file=sums)
        self.bench.server.tell("delay", ms=self.delay)

    def commands(self):
        # the database belongs to Go's download by the proxy, as it does by default; it is asked once
        runs = {f"go {path}": lambda path=path: self.download(path) for path in self.paths}
        if not self.bench.work.folder:
            # named one by one, Go fetches no go.mod of versions without zips: the same work, and then all lines
            runs["gosum zips"] = lambda: self.audited(["--lines", "zips"])
        return {**runs, "gosum audit": self.audited}

    def env(self, with_database):
        env = dict(self.bench.env, GOPROXY=self.bench.work.proxy or "off")
        if with_database:
            env["GOSUMDB"] = f"{self.bench.server.key} {self.bench.server.url}/sumdb"
        return env

    def download(self, path):
        bench, cache = self.bench, self.bench.memory / "gomodcache"
        env = self.env(self.database and path == "proxy")
        if path == "direct":
            env["GOPROXY"] = "direct"
        words, folder = ["go", "mod", "download"], bench.temp / "empty"
        if bench.work.folder:
            # of a go.sum that has all lines Go would ask no database
            folder = bench.copy_of_project("download", with_sums=env["GOSUMDB"] == "off")
        else:
            words += [f"{module}@{version}" for module, version in bench.work.modules()]
        done = self.counted(lambda: bench.run(words, dict(env, GOMODCACHE=str(cache)), cwd=folder))
        if path not in self.want:
            self.learn(path, of_cache(cache))
        shutil.rmtree(cache)
        return done["use"]

    def learn(self, path, hashed):
        self.want[path] = hashed
        wrong = [key for key, h1 in hashed.items() if self.bench.work.recorded.get(key, h1) != h1]
        expect(not wrong, f"go.sum has other hashes than Go by {path}, such as of {wrong[:1]}")
        self.facts[f"mod-only lines fetched by go {path}"] = len(mod_only(hashed))

    def counted(self, run):
        before = self.bench.server.use()
        done = run()
        done["use"].update(Server.spent(before, self.bench.server.use()))
        return done

    def audited(self, words=()):
        recorded = self.bench.work.recorded
        done, artifacts = self.audit(recorded, words=words)
        self.check(done, artifacts, [key for key in recorded if not words or key[2] == "zip"])
        return done["use"]

    def audit(self, sums, codes=(0,), words=()):
        """One audit of these lines, with nothing kept from before: the run, and the artifacts of its report."""
        words = [*words, "--quiet", "--no-cache", "--format", "json", "--source", ",".join(self.sources), "--require",
                 ",".join(self.sources)]
        done = self.counted(lambda: self.bench.audit(words, sums, self.env(self.database), codes))
        return done, artifacts_of(done)

    def check(self, done, artifacts, keys):
        """Each of these lines verified by every path, with the hash that Go has; where Go fetched nothing, with that of go.sum."""
        recorded = self.bench.work.recorded
        for key in keys:
            for path in self.paths:
                got = artifacts[key]["answers"].get(path, {}) if key in artifacts else {}
                want = self.want.get(path, {}).get(key, recorded[key])
                expect(got.get("h1") == want, f"{' '.join(key)}: by {path} Go has {want}, gosum {got or 'nothing'}")
            expect(artifacts[key]["verdict"] == "verified", f"{' '.join(key)} is {artifacts[key]['verdict']}")
        self.facts["mod-only lines fetched by gosum audit"] = len(mod_only(recorded))

    def flip(self, rng):
        self.bench.server.tell("delay", ms=0)
        try:
            return self.flip_zip(rng) if "proxy" in self.paths else self.flip_sum(rng)
        finally:
            self.bench.server.tell("delay", ms=self.delay)

    def flip_zip(self, rng):
        """The proxy serves one zip in which one bit of one byte is another."""
        work = self.bench.work
        module, version = rng.choice(work.modules())
        name, at, _ = self.bench.flipped_zip(rng, str(work.zip_of(module, version)))
        below = name.split("/cache/download/")[-1]
        self.bench.server.tell("flip", path=f"/proxy/all/{below}", at=at)
        try:
            done, artifacts = self.audit(work.recorded, (1, 3))
        finally:
            self.bench.server.tell("flip", path="")
        only(artifacts, (module, version, "zip"), f"byte {at} of {below} was changed")
        return f"byte {at} of {below}"

    def flip_sum(self, rng):
        key, h1 = flip_line(rng, self.bench.work.recorded)
        _, artifacts = self.audit({**self.bench.work.recorded, key: h1}, (1,))
        only(artifacts, key, f"the hash of {' '.join(key)} was changed to {h1}")
        return f"the line of {key[0]} {key[1]}"


class Again(Audit):
    """The same audit once more, from what is kept."""

    def __init__(self, bench):
        paths = ["proxy", "direct"] if bench.work.has_repositories else ["proxy"]
        super().__init__(bench, "again", paths, 0)
        self.title = "audit again, nothing changed, --offline; against go mod verify"

    def lacking(self):
        if not self.bench.knows("cache"):
            return "this gosum keeps no answers (no `cache`)"
        return super().lacking() or (None if self.bench.work.folder else "there is no project to verify")

    def prepare(self):
        super().prepare()
        self.kept = self.bench.temp / "kept"
        self.folder = self.bench.copy_of_project("verify")
        self.again([], self.bench.work.recorded)

    def commands(self):
        env = dict(self.bench.env, GOMODCACHE=str(self.bench.work.cache), GOPROXY="off")
        return {"go mod verify": lambda: self.bench.run(["go", "mod", "verify"], env, cwd=self.folder)["use"],
                "gosum audit": self.audited}

    def again(self, words, sums, codes=(0,)):
        words = ["--quiet", "--format", "json", "--cache-dir", self.kept, "--source", ",".join(self.sources), "--require",
                 ",".join(self.sources), *words]
        done = self.counted(lambda: self.bench.audit(words, sums, self.env(False), codes))
        return done, artifacts_of(done)

    def audit(self, sums, codes=(0,), words=()):
        return self.again(["--offline", *words], sums, codes)

    def check(self, done, artifacts, keys):
        super().check(done, artifacts, keys)
        expect(not done["use"]["traffic"], f"an audit that is offline asked: {done['use']['traffic']}")

    def flip(self, rng):
        return self.flip_sum(rng)


def artifacts_of(done):
    try:
        report = json.loads(done["out"])
    except ValueError as e:
        raise Failure(f"`gosum audit` wrote no JSON report: {e}\n{done['err'].strip()}") from e
    return {(a["module"], a["version"], a["artifact"]): a for a in report["artifacts"]}


def only(artifacts, key, what):
    """Holds that nothing but `key` is not verified."""
    found = sorted(other for other, artifact in artifacts.items() if artifact["verdict"] != "verified")
    expect(found == [key], f"{what}: gosum must find {' '.join(key)} and no other, but found {found}")
