"""Through the default proxy and from the real repositories.

Go downloads the modules that a go.sum has zip lines for, once through the module proxy and once from version control:
`go mod download -json` is what gives its hashes. The sum of its two times is held against one cold `gosum audit`, which
asks both at once. A time counts only when every hash of gosum is Go's own and a changed line is found.
"""
import argparse
import json
import os
import random
import re
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

import programs
from measure import Failure, Runner, plain, settled
from sums import flip_line, h1_of, mod_only, read_sum, text_of

PATHS = ("proxy", "direct")
COMMANDS = ("go proxy", "go direct", "gosum zips", "gosum all", "gosum sumdb")


def objects(text):
    """The JSON objects that the go command writes one after another."""
    text = text.lstrip()
    while text:
        value, end = json.JSONDecoder().raw_decode(text)
        yield value
        text = text[end:].lstrip()


class Bench:
    def __init__(self, options, temp):
        self.options, self.temp, self.dropped = options, temp, []
        self.want = {path: {} for path in PATHS}  # Go's hashes
        self.env = dict(os.environ, GOSUMDB="off", GOTOOLCHAIN="local", GOFLAGS="-modcacherw -mod=mod", GOWORK="off")
        self.empty = temp / "empty"  # no go.mod is found from here
        self.empty.mkdir()
        self.runner = Runner(programs.build_go_programs(temp) / "measure", temp)
        first = re.split(r"[,|]", plain(["go", "env", "GOPROXY"], self.empty, self.env).strip())[0]
        if first in ("", "off", "direct"):
            raise Failure(f"`go env GOPROXY` starts with {first!r}: there is no proxy to measure")
        self.goproxy = {"proxy": first, "direct": "direct"}
        self.gosum = (options.gosum or programs.build_gosum()).resolve()
        self.recorded = read_sum(options.sum or self.project_sum())

    def project_sum(self):
        done = self.go("proxy", ["mod", "download", "-json", self.options.project], self.temp / "project")
        found = Path(next(objects(done["out"]))["Dir"], "go.sum")
        if not found.exists():
            raise Failure(f"{self.options.project} has no go.sum")
        return found

    def go(self, path, words, cache, codes=(0,)):
        env = dict(self.env, GOPROXY=self.goproxy[path], GOMODCACHE=str(cache))
        settled()
        return self.runner.run(["go", *words], self.empty, env, codes)

    def versions(self, with_zip):
        """MODULE@VERSION of what has a zip line, or of what has only a line for its go.mod."""
        zips = [key[:2] for key in self.recorded if key[2] == "zip"]
        return [f"{m}@{v}" for m, v in (zips if with_zip else mod_only(self.recorded))]

    def download(self, path, codes=(0,), trace=()):
        """`go mod download` into a fresh cache: the run, why what is missing is missing, and the bytes that it got."""
        cache, failed = self.temp / "cache", {}
        done = self.go(path, ["mod", "download", "-json", *trace, *self.versions(True)], cache, codes)
        for a in objects(done["out"]):
            if "Sum" not in a:
                failed[a["Path"], a["Version"]] = a.get("Error", "no hash")
                continue
            for kind, field in (("zip", "Sum"), ("go.mod", "GoModSum")):
                self.want[path][a["Path"], a["Version"], kind] = a[field]
        if done["code"] and not failed:  # it failed as a whole
            raise Failure(f"go mod download with GOPROXY={self.goproxy[path]}\n{done['err'].strip()}")
        size = sum(file.stat().st_size for file in (cache / "cache" / "download").rglob("*")
                   if file.suffix in (".zip", ".mod", ".info"))
        shutil.rmtree(cache)
        return done, failed, size

    def list_mod_only(self, path):
        """Go's go.mod files of the other versions. No command of Go gives their hashes without fetching the zips, so h1
        is made here, of the file that Go kept."""
        cache, failed = self.temp / "cache", {}
        if not self.versions(False):
            return failed
        done = self.go(path, ["list", "-m", "-e", "-json", *self.versions(False)], cache)
        for a in objects(done["out"]):
            if "GoMod" not in a:
                failed[a["Path"], a["Version"]] = a.get("Error", {}).get("Err", "no go.mod")
                continue
            self.want[path][a["Path"], a["Version"], "go.mod"] = h1_of([("go.mod", Path(a["GoMod"]).read_bytes())])
        shutil.rmtree(cache)
        return failed

    def audit(self, sums, *words, env=None):
        """One audit of these lines: the run, and the artifacts and the traffic of its report."""
        file = self.temp / "go.sum"
        file.write_text(text_of(sums))
        settled()
        done = self.runner.run([self.gosum, "audit", "--quiet", "--format", "json", *words, file], self.empty,
                   dict(env or self.env, GOPROXY=self.goproxy["proxy"]), (0, 1, 3))
        try:
            report = json.loads(done["out"])
        except ValueError as e:
            raise Failure(f"`{self.gosum} audit` wrote no JSON report: {e}\n{done['err'].strip()}") from e
        return done, {(a["module"], a["version"], a["artifact"]): a for a in report["artifacts"]}, report["run"]

    def check(self, done, artifacts, keys):
        """Every line answered by both paths, with Go's own hashes; the exit code follows from them."""
        for key in keys:
            for path in PATHS:
                got = artifacts[key]["answers"].get(path, {}) if key in artifacts else {}
                if got.get("h1") != self.want[path][key]:
                    raise Failure(f"{' '.join(key)}: by {path} Go has {self.want[path][key]}, gosum {got or 'nothing'}")
        code = int(any(self.want[path][key] != self.recorded[key] for key in keys for path in PATHS))
        if done["code"] != code:
            raise Failure(f"gosum audit ended with exit code {done['code']}; by Go's own hashes it must be {code}")

    def drop(self, who, failed):
        for (module, version), reason in failed.items():
            self.dropped.append({"module": f"{module}@{version}", "by": who, "reason": str(reason)})
            print(f"dropped, {who} cannot fetch it: {module}@{version}: {' '.join(str(reason).split())[:120]}")
            for kind in ("zip", "go.mod"):
                self.recorded.pop((module, version, kind), None)
        if not self.versions(True):
            raise Failure("no module is left that can be fetched both ways")

    def settle(self):
        """The untimed round: leaves what Go can fetch both ways, so that the timed runs do equal work and spend no time
        on fetches that fail. Gives the requests and bytes of Go through the proxy for what is left."""
        for path in reversed(PATHS):
            self.drop(f"go {path}", self.download(path, (0, 1))[1])
            self.drop(f"go {path}", self.list_mod_only(path))
        done, artifacts, _ = self.audit(self.recorded)
        if self.options.only_common:
            self.drop("gosum", {key[:2]: f"{path}: {a['answers'].get(path)}" for key, a in artifacts.items()
                                for path in PATHS if "h1" not in a["answers"].get(path, {})})
            done, artifacts, _ = self.audit(self.recorded)
        self.check(done, artifacts, self.recorded)
        done, _, size = self.download("proxy", trace=["-x"])
        # -x tells of each request twice: when it is sent, and with the status behind a colon
        return {"requests": len(re.findall(r"^# get \S+$", done["err"], re.M)), "bytes": size}

    def timed(self, command):
        """One run of one of COMMANDS: its use, and its traffic as gosum counts it and as the servers' log has it."""
        log, (tool, what) = self.options.access_log, command.split()
        before = log.stat().st_size if log else 0
        if tool == "go":
            use = self.download(what)[0]["use"]
        else:
            # the checksum database beside the others, with nothing kept from before
            words = ["--no-cache"] if what == "sumdb" else ["--lines", what]
            env = {key: value for key, value in self.env.items() if what != "sumdb" or key != "GOSUMDB"}
            done, artifacts, traffic = self.audit(self.recorded, *words, env=env)
            self.check(done, artifacts, [key for key in self.recorded if what != "zips" or key[2] == "zip"])
            use = done["use"]
            use.update({s["name"]: {"requests": s["requests"], "bytes": s["bytes"]} for s in traffic["sources"]})
        if log:
            time.sleep(0.2)  # a server writes its line after the answer
            with log.open("rb") as file:
                file.seek(before)
                entries = [json.loads(line) for line in file]
            use["log"] = {"requests": len(entries), "bytes": sum(e["bytes"] for e in entries)}
        return use

    def flip(self, seed):
        """Changes one character of one zip line's hash: an audit must find that line and no other."""
        want = self.want["proxy"]
        differ = {key for key, h1 in self.recorded.items() if key[2] == "zip" and h1 != want[key]}
        key, h1 = flip_line(random.Random(seed), {k: h1 for k, h1 in self.recorded.items() if k not in differ})
        sums = {**self.recorded, key: h1}
        done, artifacts, _ = self.audit(sums, "--lines", "zips", "--source", "proxy")
        found = {place["line"] for a in artifacts.values() if a["verdict"] == "mismatch" for place in a["at"]}
        expected = {number for number, one in enumerate(sums, 1) if one in differ | {key}}
        if done["code"] != 1 or found != expected:
            raise Failure(f"{' '.join(key)} was changed to {sums[key]}: gosum must end with 1 and name the lines "
                          f"{sorted(expected)}, but ended with {done['code']} and named {sorted(found)}")
        print(f"  changed the line of {key[0]} {key[1]}: found, and nothing else")


def table(runs, go_proxy, logged):
    cell = lambda t, mark="": f"{t['requests']}{mark} / {t['bytes'] / 1e6:.1f}{mark}" if t else "-"
    heads = ["min s", "median s", "CPU s", "RSS MB", "proxy req / MB", "direct req / MB", *["log req / MB"] * logged]
    print(f"\n{'':<12}" + "".join(f"{head:>{max(10, len(head) + 3)}}" for head in heads))
    for command, uses in runs.items():
        walls, last = [use["wall_s"] for use in uses], uses[-1]
        cells = [f"{min(walls):.2f}", f"{median(walls):.2f}", f"{median(use['cpu_s'] for use in uses):.2f}",
                 f"{max(use['rss_bytes'] for use in uses) / 1e6:.0f}",
                 cell(go_proxy, "*") if command == "go proxy" else cell(last.get("proxy")), cell(last.get("direct")),
                 *[cell(last.get("log"))] * logged]
        print(f"{command:<12}" + "".join(f"{text:>{max(10, len(head) + 3)}}" for text, head in zip(cells, heads))
              + "  noisy" * (median(walls) / min(walls) > 1.15))
    print("RSS: the largest single process")
    print("* counted in the untimed round: the requests that -x tells of, the sizes of the files kept"
          + "\nlog: every request that the servers saw during the last run, whoever sent it" * logged)


def bench(options, temp):
    load = os.getloadavg()[0]  # before our own work raises it
    b = Bench(options, temp)
    go_version = plain(["go", "version"], b.empty, b.env).strip()
    print(f"{options.sum or options.project}; {go_version}; {os.cpu_count()} cores; load {load:.2f} before; "
          f"seed {options.seed}")
    go_proxy = b.settle()
    lines, zips, mod_only = len(b.recorded), len(b.versions(True)), len(b.versions(False))
    print(f"{zips} modules with zips; {lines} lines, {mod_only} of them mod-only; {len(b.dropped)} versions dropped")
    runs = {command: [] for command in COMMANDS}
    for number in range(1, options.rounds + 1):
        for command in COMMANDS:
            runs[command].append(b.timed(command))
        print(f"round {number}: " + ", ".join(f"{c} {uses[-1]['wall_s']:.2f} s" for c, uses in runs.items()))
        b.flip(options.seed + number - 1)
    table(runs, go_proxy, bool(options.access_log))
    print(f"gosum all: all {lines} lines; the others fetch no more than the {zips} zips (Go: .info and .mod too)\n")
    walls = {command: [use["wall_s"] for use in uses] for command, uses in runs.items()}
    ratios = {c: {name: (of(walls["go proxy"]) + of(walls["go direct"])) / of(walls[c])
                  for name, of in (("median", median), ("min", min))} for c in COMMANDS[2:]}
    mid = {command: f"{command} {median(times):.2f} s" for command, times in walls.items()}
    for command, ratio in ratios.items():
        print(f"({mid['go proxy']} + {mid['go direct']}) / {mid[command]} = {ratio['median']:.1f}x by medians, "
              f"{ratio['min']:.1f}x by minima")
    with_database = {name: of(walls["gosum sumdb"]) / of(walls["gosum all"]) for name, of in (("median", median), ("min", min))}
    print(f"{mid['gosum sumdb']} / {mid['gosum all']} = {with_database['median']:.2f}x by medians, "
          f"{with_database['min']:.2f}x by minima")
    noisy = load > 0.5 or any(median(w) / min(w) > 1.15 for w in walls.values())
    print("noisy: the load before was above 0.5, or a median above 1.15 times its minimum" if noisy else "not noisy")
    if options.json:
        options.json.write_text(json.dumps({
            "of": str(options.sum or options.project), "go": go_version, "cores": os.cpu_count(), "load_before": load,
            "seed": options.seed, "modules": zips, "lines": lines, "mod_only": mod_only, "dropped": b.dropped,
            "go_proxy_untimed": go_proxy, "runs": runs, "ratios": ratios, "noisy": noisy}, indent=2) + "\n")


def main(argv):
    parser = argparse.ArgumentParser(prog="scripts/bench live", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="The module caches of the runs lie under TMPDIR.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--project", metavar="MODULE@VERSION", default="github.com/spf13/viper@v1.4.0",
                      help="the go.sum in this module's zip (default: %(default)s)")
    what.add_argument("--sum", metavar="FILE", type=Path, help="this go.sum")
    parser.add_argument("--rounds", metavar="N", type=int, default=3, help="timed rounds (default: 3)")
    parser.add_argument("--gosum", metavar="PATH", type=Path, help="this gosum (default: build it)")
    parser.add_argument("--access-log", metavar="FILE", type=Path,
                        help="the servers' log, a JSON object with `bytes` a request: counts the traffic of both")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there too")
    parser.add_argument("--only-common", action="store_true",
                        help="drop also what gosum gives no hash for, instead of failing")
    parser.add_argument("--seed", metavar="N", type=int, default=random.randrange(10**6),
                        help="which lines are changed (default: another one each time, printed)")
    options = parser.parse_args(argv)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    with tempfile.TemporaryDirectory(prefix="gosum-bench-") as temp:
        bench(options, Path(temp))
