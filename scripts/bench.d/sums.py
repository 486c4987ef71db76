"""go.sum files, the hashes in them, and those in a module cache."""
import base64
import hashlib
import re

from measure import Failure

H1 = re.compile(r"h1:[A-Za-z0-9+/]{43}=")


def read_sum(path):
    """The hash recorded for each (module, version, "zip" or "go.mod")."""
    recorded = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fields = line.split()
        if len(fields) != 3 or not H1.fullmatch(fields[2]):
            raise Failure(f"{path}:{number} is not a line of a go.sum: {line!r}")
        version, slash, _ = fields[1].partition("/go.mod")
        recorded.setdefault((fields[0], version, "go.mod" if slash else "zip"), fields[2])
    return recorded


def text_of(sums):
    return "".join(f"{m} {v}{'/go.mod' * (kind == 'go.mod')} {h1}\n" for (m, v, kind), h1 in sums.items())


def mod_only(sums):
    """The module versions of which only the go.mod is recorded."""
    return [key[:2] for key in sums if key[2] == "go.mod" and (*key[:2], "zip") not in sums]


def h1_of(files):
    """h1 of (name, content) pairs."""
    lines = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()


def unescape(text):
    return re.sub(r"!([a-z])", lambda found: found[1].upper(), text)


def escape(text):
    return re.sub(r"[A-Z]", lambda found: "!" + found[0].lower(), text)


def of_cache(cache):
    """What the go command has hashed in a module cache: zips as it recorded them itself, go.mod files of what it kept."""
    download, found = cache / "cache" / "download", {}
    for file in download.rglob("@v/*"):
        if file.suffix not in (".ziphash", ".mod"):
            continue
        module = unescape(file.parent.parent.relative_to(download).as_posix())
        key = (module, unescape(file.stem))
        if file.suffix == ".ziphash":
            found[*key, "zip"] = file.read_text().strip()
        else:
            found[*key, "go.mod"] = h1_of([("go.mod", file.read_bytes())])
    return found


def flip_line(rng, recorded):
    """One zip line and what it becomes when one character of its hash is another."""
    key = rng.choice([key for key in recorded if key[2] == "zip"])
    # the last digit holds only four bits and stays as it is, so that the hash remains valid base64
    h1, at = recorded[key], rng.randrange(3, 45)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    digit = rng.choice([c for c in digits if c != h1[at]])
    return key, h1[:at] + digit + h1[at + 1:]
