"""Scenes without a server."""
import shutil
from statistics import median

from scene import Scene, expect
from sums import escape


class Hashing(Scene):
    name, title = "hash", "hash all module zips"

    def lacking(self):
        return None if self.bench.work.cache else "there is no module cache"

    def prepare(self):
        work = self.bench.work
        self.zips = {str(work.zip_of(*one)): work.recorded[*one, "zip"] for one in work.modules()}

    def commands(self):
        cores = str(self.bench.options.cores)
        return {"go dirhash": lambda: self.hash([self.bench.programs / "hashzip", "-j", cores]),
                "gosum hash": lambda: self.hash([self.bench.gosum, "hash"])}

    def hash(self, words):
        done = self.bench.run([*words, *self.zips], self.bench.env)
        got = dict(reversed(line.split("  ", 1)) for line in done["out"].splitlines())
        wrong = [name for name, h1 in self.zips.items() if got.get(name) != h1]
        expect(not wrong, f"{words[0]}: {len(wrong)} of {len(self.zips)} hashes are not Go's, such as {wrong[:1]}")
        return done["use"]

    def flip(self, rng):
        name, at, copy = self.bench.flipped_zip(rng, rng.choice(list(self.zips)))
        done = self.bench.run([self.bench.gosum, "hash", copy], self.bench.env, (0, 1, 2, 3))
        expect(done["code"] or done["out"].split()[0] != self.zips[name], f"byte {at} of {name} was changed, unnoticed")
        return f"byte {at} of {name.rsplit('/download/')[-1]}"


class Verify(Scene):
    """`go mod verify` proves both zip and tree, and loads the module graph."""
    name, title = "verify", "prove zips and trees of a module cache"

    def lacking(self):
        if not self.bench.knows("verify"):
            return "this gosum has no `verify`"
        return None if self.bench.work.cache and self.bench.work.folder else "there is no module cache with a project"

    def prepare(self):
        self.folder = self.bench.copy_of_project("verify")
        self.env = dict(self.bench.env, GOMODCACHE=str(self.bench.work.cache), GOPROXY="off")

    def commands(self):
        return {"go mod verify": lambda: self.bench.run(["go", "mod", "verify"], self.env, cwd=self.folder)["use"],
                "gosum verify": lambda: self.verify(self.env)["use"]}

    def verify(self, env, codes=(0,)):
        return self.bench.run([self.bench.gosum, "verify", self.folder], env, codes)

    def flip(self, rng):
        """In a copy of one module, whose cache holds nothing else."""
        work = self.bench.work
        module, version = rng.choice(work.modules())
        cache = self.bench.temp / "flipped-cache"
        shutil.rmtree(cache, ignore_errors=True)
        folder = work.zip_of(module, version).parent
        copied = cache / "cache/download" / escape(module) / "@v"
        copied.mkdir(parents=True)
        for file in folder.glob(f"{escape(version)}.*"):
            shutil.copy2(file, copied)
        name, at, copy = self.bench.flipped_zip(rng, str(folder / f"{escape(version)}.zip"))
        shutil.copyfile(copy, copied / f"{escape(version)}.zip")
        done = self.verify(dict(self.env, GOMODCACHE=str(cache)), (0, 1, 2, 3))
        expect(done["code"] == 1 and f"{module}" in done["out"] + done["err"],
               f"byte {at} of {name} was changed: `gosum verify` ended with {done['code']}\n{done['out']}")
        return f"byte {at} of {module}@{version}"


class Start(Scene):
    name, title = "start", "start and say the version (the median of 20 runs a round)"

    def commands(self):
        return {"go version": lambda: self.often(["go", "version"]),
                "gosum --version": lambda: self.often([self.bench.gosum, "--version"])}

    def often(self, words):
        uses = [self.bench.run(words, self.bench.env)["use"] for _ in range(20)]
        return {key: median(use[key] for use in uses) for key in uses[0]}
