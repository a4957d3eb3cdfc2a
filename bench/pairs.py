# SPDX-License-Identifier: Apache-2.0
"""Pairs of sidecars with mTLS in between, and all that they stand between: a server, an agent, a backend."""
import json, os, re, subprocess, sys

from sides import OURS, Agent, Program, Server, free_port, wait_for

FRONTEND, BACKEND = "spiffe://example.org/frontend", "spiffe://example.org/backend"
HTTP = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
TCP = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
TICK = os.sysconf("SC_CLK_TCK")

KINDS = {
    "small answers, kept connections": ["http", "/small", []],
    "1 MiB answers": ["http", "/large", []],
    "small answers through TCP": ["tcp", "/small", []],
    "1 MiB answers through TCP": ["tcp", "/large", []],
    "a new mTLS connection for each request": ["tcp", "/small", ["-H", "Connection: close"]],
}


def endpoint(port):
    return f"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }} }}"


def cluster(name, port, more=""):
    return f"""
  - name: {name}
    type: STATIC
    connect_timeout: 5s
    circuit_breakers: {{ thresholds: [ {{ max_connections: 100000, max_pending_requests: 100000, max_requests: 100000 }} ] }}
    load_assignment: {{ cluster_name: {name}, endpoints: [ {{ lb_endpoints: [ {endpoint(port)} ] }} ] }}{more}"""


def listener(name, port, filters, more=""):
    return f"""
  - name: {name}
    address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - filters: [ {filters} ]{more}"""


def http(target):
    return (f'{{ name: http, typed_config: {{ "@type": {HTTP}, stat_prefix: {target}, generate_request_id: false, '
            f'route_config: {{ virtual_hosts: [ {{ name: all, domains: ["*"], routes: [ {{ match: {{ prefix: / }}, '
            f'route: {{ cluster: {target} }} }} ] }} ] }}, '
            f'http_filters: [ {{ name: router, typed_config: {{ "@type": {ROUTER} }} }} ] }} }}')


def tcp(target):
    return f'{{ name: tcp, typed_config: {{ "@type": {TCP}, stat_prefix: {target}, cluster: {target} }} }}'


def secured(kind, own, other, indent):
    source = ("{ resource_api_version: V3, api_config_source: { api_type: GRPC, transport_api_version: V3, "
              "grpc_services: [ { envoy_grpc: { cluster_name: agent } } ] } }")
    extra = "require_client_certificate: true, " if kind == "Downstream" else ""
    return f"""
{indent}transport_socket:
{indent}  name: tls
{indent}  typed_config:
{indent}    "@type": {TLS}{kind}TlsContext
{indent}    {"require_client_certificate: true" if kind == "Downstream" else "max_session_keys: 0"}
{indent}    common_tls_context:
{indent}      tls_params: {{ tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3 }}
{indent}      tls_certificate_sds_secret_configs: [ {{ name: "{own}", sds_config: {source} }} ]
{indent}      combined_validation_context:
{indent}        default_validation_context: {{ match_typed_subject_alt_names: [ {{ san_type: URI, matcher: {{ exact: "{other}" }} }} ] }}
{indent}        validation_context_sds_secret_config: {{ name: "spiffe://example.org", sds_config: {source} }}"""


def agent_cluster(socket):
    return f"""
  - name: agent
    type: STATIC
    connect_timeout: 5s
    http2_protocol_options: {{}}
    load_assignment: {{ cluster_name: agent, endpoints: [ {{ lb_endpoints: [ {{ endpoint: {{ address: {{ pipe: {{ path: {socket} }} }} }} }} ] }} ] }}"""


def file(node, listeners, clusters, admin=None):
    """An envoy.yaml; with a port of its admin side, if one is named."""
    return (f"node: {{ id: {node}, cluster: bench }}\n" +
            (f"admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {admin} }} }} }}\n" if admin else "") +
            f"static_resources:\n  listeners:{''.join(listeners)}\n  clusters:{''.join(clusters)}\n")


class Ground:
    """What all pairs stand on: our server, our agent with an identity for each side, and an Envoy that answers by itself."""

    def __init__(self, folder, envoy):
        os.chmod(folder, 0o755)
        self.folder = folder
        self.server = Server("ours", [OURS, "server"], folder, "")
        self.agent = Agent("ours", [OURS, "agent"], folder)
        self.backend = Program("backend", [envoy], os.path.join(folder, "backend"))
        self.port = free_port()
        self.tainted = []

    def start(self):
        self.server.start()
        token, parent = self.server.token()
        for identity in (FRONTEND, BACKEND):
            self.server.ask("entry", "create", "-parentID", parent, "-spiffeID", identity, "-selector", f"unix:uid:{os.getuid()}")
        self.agent.start(self.server, token)
        for name, size in (("small", 100), ("large", 1 << 20)):
            with open(f"{self.folder}/{name}", "w") as body:
                body.write("x" * size)
        answers = ", ".join(f'{{ match: {{ path: /{name} }}, direct_response: {{ status: 200, '
                            f'body: {{ filename: "{self.folder}/{name}" }} }} }}' for name in ("small", "large"))
        direct = (f'{{ name: http, typed_config: {{ "@type": {HTTP}, stat_prefix: direct, route_config: '
                  f'{{ max_direct_response_body_size_bytes: 2000000, virtual_hosts: [ {{ name: all, domains: ["*"], routes: [ {answers} ] }} ] }}, '
                  f'http_filters: [ {{ name: router, typed_config: {{ "@type": {ROUTER} }} }} ] }} }}')
        self.backend.empty()
        path = self.backend.write("envoy.yaml", file("backend", [listener("direct", self.port, direct)], [" []"]))
        self.backend.run("-c", path, "--concurrency", "1", "-l", "warn", "--disable-hot-restart")
        wait_for(lambda: get(f"http://127.0.0.1:{self.port}/large"))

    def rotate(self):
        """All identities, at once: another authority, and the old one is no longer to be trusted. The one before that is forgotten."""
        for authority in self.tainted:
            self.server.ask("localauthority", "x509", "revoke", "-authorityID", authority)
        old = self.authority("show", "active")
        new = self.authority("prepare", "prepared_authority")
        self.server.ask("localauthority", "x509", "activate", "-authorityID", new)
        self.server.ask("localauthority", "x509", "taint", "-authorityID", old)
        self.tainted = [old]

    def authority(self, command, which):
        return json.loads(self.server.ask("localauthority", "x509", command, "-output", "json"))[which]["authority_id"]

    def stop(self):
        for program in (self.backend, self.agent, self.server):
            program.stop()


class Pair:
    """Two sidecars of one kind: plain ports on the one side, the backend on the other, mTLS in between."""

    def __init__(self, name, command, ground):
        self.name = name
        folder, agent = ground.folder, ground.agent
        self.ports = {"http": free_port(), "tcp": free_port()}
        self.admins = {end: free_port() for end in ("front", "back")}
        inner = {"http": free_port(), "tcp": free_port()}
        self.front = Program(name, command, os.path.join(folder, name + "-front"))
        self.back = Program(name, command, os.path.join(folder, name + "-back"))
        tls = secured("Downstream", BACKEND, FRONTEND, "      ")
        self.files = {
            self.back: file("backend",
                            [listener("http-in", inner["http"], http("backend"), tls),
                             listener("tcp-in", inner["tcp"], tcp("backend"), tls)],
                            [cluster("backend", ground.port), agent_cluster(agent.socket)], self.admins["back"]),
            self.front: file("frontend",
                             [listener("http-out", self.ports["http"], http("http")),
                              listener("tcp-out", self.ports["tcp"], tcp("tcp"))],
                             [cluster(kind, inner[kind], secured("Upstream", FRONTEND, BACKEND, "    "))
                              for kind in inner] + [agent_cluster(agent.socket)], self.admins["front"]),
        }

    def start(self):
        for program in (self.back, self.front):
            program.empty()
            path = program.write("envoy.yaml", self.files[program])
            more = ["--disable-hot-restart"] if self.name != "ours" else []
            program.run("-c", path, "--concurrency", "1", "-l", "warn", *more)
        wait_for(lambda: get(f"http://127.0.0.1:{self.ports['http']}/small"))

    def serials(self):
        """Of the certificates that each of the two shows."""
        return [[shown["serial_number"] for used in json.loads(get(f"http://127.0.0.1:{port}/certs"))["certificates"]
                 for shown in used["cert_chain"]] for port in self.admins.values()]

    def rss(self):
        return self.front.rss() + self.back.rss()

    def cpu(self):
        return sum(cpu(program.pid) for program in (self.front, self.back))

    def stop(self):
        for program in (self.front, self.back):
            program.stop()


def cpu(pid):
    """Seconds that a process has used."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def get(url):
    """What is answered; nothing if it is an error or nobody is there."""
    return subprocess.run(["curl", "-sf", url], capture_output=True, text=True).stdout


def drive(wrk, pair, kind, seconds):
    way, path, more = KINDS[kind]
    url = f"http://127.0.0.1:{pair.ports[way]}{path}"
    before = pair.cpu()
    said = subprocess.run([wrk, "-t", "1", "-c", "32", "-d", f"{seconds}s", "--latency", *more, url],
                          capture_output=True, text=True).stdout
    used = pair.cpu() - before
    if "Non-2xx" in said or "Socket errors" in said and "connect 0, read 0, write 0, timeout 0" not in said and not more:
        sys.exit(f"{pair.name}: {kind}: {said}")
    count = int(re.search(r"(\d+) requests in", said).group(1))
    amount, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
    p99 = float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))
    return {"requests a second": rate, "p99, ms": p99, "CPU a request, µs": used / count * 1e6}
