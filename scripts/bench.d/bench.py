"""One run of the benchmark: programs, servers, workload, and the scenes on it."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import chart
import programs
import report
import small
import workload
from measure import Failure, Runner, plain, tmpfs
from scene import play
from scenes import scenes
from server import Server
from sums import text_of


class Bench:
    """What the scenes work with. `env` is the environment of both sides."""

    def __init__(self, options, temp):
        self.options, self.temp = options, temp
        self.load = os.getloadavg()[0]  # before our own work raises it
        self.is_pinned = programs.pin(options.cores)
        (temp / "empty").mkdir()  # no go.mod is found from here
        self.programs = programs.build_go_programs(temp)
        self.gosum = (options.gosum or programs.build_gosum()).resolve()
        self.env = programs.environment(temp, options.cores)
        self.runner = Runner(self.programs / "measure", temp)
        self.memory = Path(tempfile.mkdtemp(prefix="gosum-bench-", dir=tmpfs() or temp))
        self.server = None

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def open(self):
        given, made = self.options, not (self.options.modcache or self.options.mirrors)
        root = small.make(self.temp, given.seed) if made else self.temp / "empty"
        config = self.temp / "home" / "servers.gitconfig"
        config.write_text("[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n[safe]\n\tdirectory = *\n")
        self.server = Server(self.programs / "server", root, dict(self.env, GIT_CONFIG_GLOBAL=str(config)))
        if made:
            self.work = workload.of_small(self.temp, self.server, self.env)
        elif given.modcache:
            self.work = workload.of_cache(given.modcache.resolve(), given.project.resolve(), self.temp, self.server)
        else:
            self.work = workload.of_mirrors(given.mirrors.resolve(), given.sum.resolve(), self.temp, self.server, self.env)

    def close(self):
        if self.server:
            self.server.close()
        shutil.rmtree(self.memory, ignore_errors=True)
        if self.options.keep:
            kept = Path(tempfile.mkdtemp(prefix="gosum-bench-kept-"))
            shutil.copytree(self.temp, kept, dirs_exist_ok=True, symlinks=True)
            print(f"all that was made is in {kept}; the repositories in it are served by "
                  f"`{kept / 'bin/server'} -git {kept / 'repositories'}`")

    def run(self, argv, env, codes=(0,), cwd=None):
        return self.runner.run(argv, cwd or self.temp / "empty", env, codes)

    def audit(self, words, sums, env, codes=(0,)):
        folder = self.temp / "audited"  # away from go.mod files: the lines are all there is
        folder.mkdir(exist_ok=True)
        (folder / "go.sum").write_text(text_of(sums))
        return self.run([self.gosum, "audit", *words, folder / "go.sum"], env, codes)

    def knows(self, command):
        return subprocess.run([self.gosum, command, "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=self.env).returncode == 0

    def copy_of_project(self, name, with_sums=True, folder=None):
        """A fresh copy of go.mod and go.sum: Go writes into them."""
        copy = self.temp / name
        copy.mkdir(exist_ok=True)
        for file in ("go.mod", "go.sum"):
            (copy / file).unlink(missing_ok=True)
            if with_sums or file == "go.mod":
                shutil.copyfile((folder or self.work.folder) / file, copy / file)
        return copy

    def flipped_zip(self, rng, name):
        """A copy of a zip in which one bit of one byte is another, such that Go notices: its name, the place, and the copy. No hash
        covers the times and the other small print of an archive."""
        content, copy = Path(name).read_bytes(), self.temp / "flipped.zip"
        before = plain([self.programs / "hashzip", name]).split()[0]
        for _ in range(200):
            at = rng.randrange(len(content))
            copy.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
            done = subprocess.run([self.programs / "hashzip", copy], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            if done.returncode or done.stdout.split()[0] != before:
                return name, at, copy
        raise Failure(f"no change of {name} is noticed by Go")


def measure_all(bench):
    given, say = bench.options, print
    go = plain(["go", "version"], bench.temp / "empty").strip()
    facts = bench.work.facts()
    result = {"schema": 1, "go": go, "gosum": plain([bench.gosum, "--version"]).strip(), "cores": given.cores,
              "pinned": bench.is_pinned, "load_before": bench.load, "seed": given.seed, "rounds": given.rounds,
              "cache_in_memory": tmpfs() is not None, "workload": facts, "scenes": [], "left_out": {}}
    say(f"{go}; {result['gosum']}; GOMAXPROCS={given.cores}, all on {given.cores} cores"
        f"{'' if bench.is_pinned else ' (NOT: this system cannot be held to them)'}; load {bench.load:.2f} before; seed {given.seed}")
    say(f"{facts['name']}: {facts['modules']} zips of {facts['zip_bytes'] / 1e6:.1f} MB; {facts['lines']} lines, "
        f"{facts['mod_only_lines']} of them mod-only; {len(facts['dropped'])} versions dropped")
    wanted = scenes(bench)
    unknown = set(given.scene or []) - {scene.name for scene in wanted}
    if unknown:
        raise Failure(f"no scene is named {', '.join(sorted(unknown))}: there are {', '.join(s.name for s in wanted)}")
    for scene in wanted:
        if given.scene and scene.name not in given.scene:
            continue
        why = scene.lacking()
        if why:
            result["left_out"][scene.name] = why
            continue
        say(f"\n{scene.name}: {scene.title}")
        result["scenes"].append(play(scene, given.rounds, given.seed, say))
        report.show(result["scenes"][-1], say)
    result["noisy"] = bench.load > 0.5 or any(scene["noisy"] for scene in result["scenes"])
    report.summary(result, say)
    say("noisy: the load before was above 0.5, or a median above 1.15 times its minimum" if result["noisy"] else "not noisy")
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")
    if given.svg:
        given.svg.write_text(chart.svg(result))
