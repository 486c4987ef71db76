"""One command, run and measured."""
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median


class Failure(Exception):
    """What ends the run, in words for the user."""


class Runner:
    """Runs commands through the small program `measure`, whose own memory hides nobody's peak."""

    def __init__(self, program, temp):
        self.program, self.temp = program, temp

    def run(self, argv, cwd, env, codes=(0,)):
        """Runs one command: its output, exit code and use. Programs that it waited for (git, under go) count: their CPU time is
        added up, the peak is that of the largest single process."""
        words = [str(word) for word in argv]
        shown = " ".join(words[:8]) + (" ..." if len(words) > 8 else "")
        used = self.temp / "use.json"
        used.unlink(missing_ok=True)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen([self.program, used, *words], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                     stderr=err, start_new_session=True)
            try:
                child.wait()
            except BaseException:
                os.killpg(child.pid, signal.SIGKILL)  # and what it started
                child.wait()
                raise
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode(errors="replace"))
        if child.returncode not in codes or not used.exists():
            told = "\n".join((texts[1].strip() or texts[0].strip()).splitlines()[-15:])
            raise Failure(f"`{shown}` ended with exit code {child.returncode}\n{told}")
        return {"out": texts[0], "err": texts[1], "code": child.returncode, "use": json.loads(used.read_text())}


def plain(argv, cwd=None, env=None, data=None):
    """Runs a command that is not measured, and gives what it wrote."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(words, cwd=cwd, env=env, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as e:
        raise Failure(f"cannot run `{words[0]}`: {e}") from e
    if done.returncode:
        told = (done.stderr.strip() or done.stdout.strip()).decode(errors="replace").splitlines()[-15:]
        raise Failure(f"`{' '.join(words[:8])}` ended with exit code {done.returncode}\n" + "\n".join(told))
    return done.stdout.decode(errors="replace")


def walls(uses):
    return [use["wall_s"] for use in uses]


def is_noisy(uses):
    return median(walls(uses)) / min(walls(uses)) > 1.15


def settled(seconds=0.05):
    """What the run before left to write is not the next one's to pay for."""
    os.sync()
    time.sleep(seconds)


def tmpfs():
    """A folder in memory, which is Go's best case for what it unpacks; none where there is none."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else None
