"""The local servers: a process of `go/server`, and what it is told."""
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from measure import Failure


class Server:
    def __init__(self, program, repositories, env):
        self.process = subprocess.Popen([program, "-git", repositories], env=env, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"{program} did not start")
        ready = json.loads(line)
        self.url, self.key = ready["url"], ready["key"]

    def close(self):
        self.process.kill()
        self.process.wait()

    def tell(self, what, **values):
        url = f"{self.url}/-/{what}?{urllib.parse.urlencode(values)}"
        try:
            with urllib.request.urlopen(url) as answer:
                return answer.read()
        except urllib.error.HTTPError as e:
            raise Failure(f"the server says of {what}: {e.read().decode(errors='replace').strip()}") from e

    def use(self):
        return json.loads(self.tell("use"))

    def serve_proxy(self, name, folder):
        self.tell("proxy", name=name, dir=folder)
        return f"{self.url}/proxy/{name}"

    @staticmethod
    def spent(before, after):
        """Requests and bytes by kind, and the servers' CPU seconds, between two calls of `use`."""
        kinds = {}
        for kind, now in after["kinds"].items():
            was = before["kinds"].get(kind, {"requests": 0, "bytes": 0})
            if now["requests"] > was["requests"]:
                kinds[kind] = {name: now[name] - was[name] for name in now}
        return {"traffic": kinds, "server_cpu_s": after["cpu_s"] - before["cpu_s"]}
