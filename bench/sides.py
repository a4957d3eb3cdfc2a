# SPDX-License-Identifier: Apache-2.0
"""What the comparisons share: servers and agents as processes of their own, the load generator, and the table."""
import json, os, shutil, signal, socket, statistics, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OURS = os.path.join(ROOT, "cli/target/countersign/bin/countersign")


class Program:
    """One process with a folder of its own; what it says is in a file there."""

    def __init__(self, name, command, folder):
        self.name, self.command_words, self.dir = name, command, folder
        self.process = None

    def empty(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def run(self, *words):
        with open(os.path.join(self.dir, "log"), "a") as out:
            self.process = subprocess.Popen(self.command_words + list(words), stdout=out, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL)

    @property
    def pid(self):
        return self.process.pid

    def rss(self):
        """In MiB."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def cpu(self):
        """The seconds that its threads have computed, those that have ended included."""
        return cpu_seconds(self.pid)[0]

    def stop(self):
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)

    def end(self, number):
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None


class Server(Program):
    """With SQLite in its own folder, unless another datastore is given: its type and its connection string."""

    def __init__(self, name, command, folder, idbench, address="127.0.0.1", datastore=None, more=""):
        super().__init__(name, command, os.path.join(folder, name + "-server"))
        self.idbench = idbench
        self.socket = os.path.join(self.dir, "server.sock")
        self.address, self.more = address, more
        self.datastore = datastore or ("sqlite3", f"{self.dir}/datastore.sqlite3")

    def start(self, port=None):
        """On an empty folder; the milliseconds until its socket answers."""
        self.empty()
        self.port = port or free_port()
        self.write("server.conf", f'''
server {{
  bind_address = "{self.address}"
  bind_port = "{self.port}"
  socket_path = "{self.socket}"
  trust_domain = "example.org"
  data_dir = "{self.dir}"
  log_level = "WARN"
  ratelimit {{ signing = false attestation = false }}
  {self.more}
}}
plugins {{
  DataStore "sql" {{ plugin_data {{ database_type = "{self.datastore[0]}" connection_string = "{self.datastore[1]}" }} }}
  NodeAttestor "join_token" {{ plugin_data {{}} }}
  KeyManager "disk" {{ plugin_data {{ keys_path = "{self.dir}/keys.json" }} }}
}}
''')
        return self.start_again()

    def start_again(self):
        """On what is in its folder; the milliseconds until its socket answers."""
        begin = time.monotonic()
        self.run("run", "-config", os.path.join(self.dir, "server.conf"))
        wait_for(lambda: is_answered(self.socket))
        return (time.monotonic() - begin) * 1000

    def ask(self, *words):
        done = subprocess.run(self.command_words + [*words, "-socketPath", self.socket], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{self.name}: {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def token(self):
        """A join token, and the ID of the agent that will come with it."""
        token = json.loads(self.ask("token", "generate", "-output", "json"))["value"]
        return token, f"spiffe://example.org/spire/agent/join_token/{token}"

    def join_node(self, count):
        """A node without an agent, with entries of its own; its key and certificates are in the folder that is handed back."""
        folder = os.path.join(self.dir, "node")
        node = measure(self.idbench, "attest", "-server-socket", self.socket, "-server-addr", f"127.0.0.1:{self.port}",
                       "-out", folder)
        self.entries(node["agent_id"], count)
        return folder

    def entries(self, parent, count):
        return measure(self.idbench, "entries", "-server-socket", self.socket, "-parent", parent, "-n", str(count),
                       "-batch", "100")


# As many calls of one program as it likes, for ours, as SPIRE's agent lets it; beside agent {} in a file.
NO_LIMITS = "caller_limits { calls_per_process = 0 calls_per_workload = 0 }"


class Agent(Program):
    def __init__(self, name, command, folder, more=""):
        super().__init__(name, command, os.path.join(folder, name + "-agent"))
        self.socket = os.path.join(self.dir, "agent.sock")
        self.more = more

    def start(self, server, token):
        """On an empty folder; returns once its socket is there. The moment at which the process was made is in begun."""
        self.empty()
        bundle = self.write("bundle.pem", server.ask("bundle", "show"))
        config = self.write("agent.conf", f'''
agent {{
  data_dir = "{self.dir}"
  log_level = "WARN"
  server_address = "127.0.0.1"
  server_port = {server.port}
  socket_path = "{self.socket}"
  trust_bundle_path = "{bundle}"
  trust_domain = "example.org"
}}
{self.more}
plugins {{
  NodeAttestor "join_token" {{ plugin_data {{}} }}
  KeyManager "disk" {{ plugin_data {{ directory = "{self.dir}" }} }}
  WorkloadAttestor "unix" {{ plugin_data {{}} }}
}}
''')
        self.begun = time.monotonic()
        self.run("run", "-config", config, "-joinToken", token)
        wait_for(lambda: is_answered(self.socket))


def java(source, *words, options=()):
    """The command that runs a program of this folder on our libraries."""
    home = os.path.dirname(os.path.dirname(OURS))
    found = subprocess.run([os.path.join(home, "bin/find-java")], capture_output=True, text=True).stdout.strip()
    return [found, "--enable-native-access=ALL-UNNAMED", *options, "-cp", os.path.join(home, "lib/*"),
            os.path.join(ROOT, "bench", source), *words]


def measure(idbench, *words):
    done = subprocess.run([idbench, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    figures = json.loads(done.stdout.splitlines()[-1])
    if figures.get("errors"):
        sys.exit(f"{' '.join(words)}: {figures['errors']} errors, {figures.get('first_error')}")
    return figures


def cpu_seconds(pid):
    """Of the process itself, and of its children that have ended."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    own, ended = (sum(int(ticks) for ticks in fields[i:i + 2]) / os.sysconf("SC_CLK_TCK") for i in (11, 13))
    return own, ended


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_answered(path):
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(path) == 0


def wait_for(condition):
    end = time.monotonic() + 180
    while not condition():
        if time.monotonic() > end:
            sys.exit("a program did not come up within three minutes")
        time.sleep(0.005)


class Table:
    """Figures of two sides under one name each, as medians with the lowest and the highest."""

    def __init__(self, *names):
        self.names = names
        self.rows = {}

    def add(self, name, side, value):
        self.rows.setdefault(name, {}).setdefault(side.name, []).append(value)

    def show(self):
        print(f"| figure | {' | '.join(self.names)} |\n|---{'|---' * len(self.names)}|")
        for row, sides in self.rows.items():
            print(f"| {row} | {' | '.join(self.cell(sides.get(name, [])) for name in self.names)} |")

    @staticmethod
    def cell(values):
        if not values:
            return "–"
        shown = [f"{value:,.2f}" if value < 10 else f"{value:,.0f}" for value in
                 (statistics.median(values), min(values), max(values))]
        return shown[0] if len(values) == 1 else f"{shown[0]} ({shown[1]}–{shown[2]})"
