// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.process.Side;
import java.util.ArrayList;
import java.util.List;

/** The words of the agents' command lines. */
final class CommandCases {
    private static final String AGENT = """
            agent {
              data_dir = "@DIR@"
              server_address = "127.0.0.1"
              server_port = "8081"
              socket_path = "@DIR@/api.sock"
              trust_domain = "example.org"
              insecure_bootstrap = true
            """;
    private static final String PLUGINS = """
            }
            plugins {
              KeyManager "memory" { plugin_data {} }
              NodeAttestor "join_token" { plugin_data {} }
              WorkloadAttestor "unix" { plugin_data {} }
            }
            """;
    private static final String AT = " -socketPath @SOCKET@";
    private static final String ADMIN = " -socketPath @ADMIN@";

    private CommandCases() {}

    static List<CommandCase> all() {
        var all = new ArrayList<CommandCase>();
        all.addAll(files());
        all.addAll(fetching());
        all.addAll(judging());
        all.addAll(operating());
        all.addAll(crossed());
        return all;
    }

    private static List<CommandCase> files() {
        return List.of(
                validated("valid", AGENT + PLUGINS),
                validated("empty file", ""),
                validated("no syntax", "agent {"),
                validated("unknown key", AGENT + "no_such_key = 1" + PLUGINS),
                validated("unknown block", AGENT + PLUGINS + "others {}"),
                validated("no trust domain", (AGENT + PLUGINS).replaceFirst("trust_domain.*", "")),
                validated("wrong trust domain", (AGENT + PLUGINS).replace("\"example.org\"", "\"Example Org\"")),
                validated("no server address", (AGENT + PLUGINS).replaceFirst("server_address.*", "")),
                validated("no server port", (AGENT + PLUGINS).replaceFirst("server_port.*", "")),
                validated("word for a port", (AGENT + PLUGINS).replace("8081", "many")),
                validated("no bootstrap", (AGENT + PLUGINS).replaceFirst("insecure_bootstrap.*", "")),
                validated("two bootstraps", AGENT + "trust_bundle_path = \"@DIR@/none\"" + PLUGINS),
                validated(
                        "bundle that is not there",
                        (AGENT + PLUGINS).replace("insecure_bootstrap = true", "trust_bundle_path = \"@DIR@/none\"")),
                validated(
                        "admin socket among the others", AGENT + "admin_socket_path = \"@DIR@/admin.sock\"" + PLUGINS),
                validated("admin socket", AGENT + "admin_socket_path = \"@DIR@/private/admin.sock\"" + PLUGINS),
                validated(
                        "delegate of another trust domain",
                        AGENT + "authorized_delegates = [\"spiffe://other.org/d\"]" + PLUGINS),
                validated(
                        "rebootstrap mode",
                        AGENT.replace("insecure_bootstrap = true", "trust_bundle_path = \"b\"")
                                + "rebootstrap_mode = \"auto\"\n rebootstrap_delay = \"1m\"" + PLUGINS),
                validated("wrong rebootstrap mode", AGENT + "rebootstrap_mode = \"often\"" + PLUGINS),
                validated("rebootstrap without authority", AGENT + "rebootstrap_mode = \"auto\"" + PLUGINS),
                validated(
                        "bundle by URL",
                        AGENT.replace("insecure_bootstrap = true", "trust_bundle_url = \"https://a/b\"") + PLUGINS),
                validated(
                        "bundle by URL without TLS",
                        AGENT.replace("insecure_bootstrap = true", "trust_bundle_url = \"http://a/b\"") + PLUGINS),
                validated("availability target", AGENT + "availability_target = \"24h\"" + PLUGINS),
                validated("small availability target", AGENT + "availability_target = \"1h\"" + PLUGINS),
                validated("negative cache", AGENT + "jwt_svid_cache_max_size = -1" + PLUGINS),
                validated("retry_bootstrap, which is no more", AGENT + "retry_bootstrap = true" + PLUGINS),
                validated("wrong level", AGENT + "log_level = \"loud\"" + PLUGINS),
                validated("wrong format", AGENT + "log_format = \"xml\"" + PLUGINS),
                validated("wrong key type", AGENT + "workload_x509_svid_key_type = \"dsa\"" + PLUGINS),
                validated("wrong interval", AGENT + "experimental { sync_interval = \"soon\" }" + PLUGINS),
                validated("no plugins", AGENT + "}"),
                validated("unknown plugin", AGENT + PLUGINS.replace("\"unix\"", "\"other\"")),
                attested("http_challenge", "hostname = \"a\" agentname = \"b\" port = 80 advertised_port = 81"),
                attested("http_challenge with nothing", ""),
                attested("http_challenge with a word for a port", "port = \"many\""),
                attested("k8s_psat", "cluster = \"demo\" token_path = \"@DIR@/none\""),
                attested("k8s_psat without a cluster", ""),
                attested(
                        "sshpop with files that are not there",
                        "host_key_path = \"@DIR@/k\" host_cert_path = \"@DIR@/c\""),
                workload("docker", "docker_socket_path = \"unix:///d.sock\" docker_version = \"1.44\""),
                workload("docker with a setting that is none", "docker_socket = \"x\""),
                workload("docker with both ways to find containers", "container_id_cgroup_matchers = [\"/a/<id>\"]"),
                workload(
                        "docker with two patterns for one",
                        "use_new_container_locator = false container_id_cgroup_matchers = [\"/a/<id>\", \"/*/<id>\"]"),
                workload(
                        "docker with a template for nobody",
                        "podman_socket_path_template = \"unix:///run/podman.sock\""),
                workload("k8s", "node_name = \"n\" skip_kubelet_verification = true"),
                workload("k8s with nothing", ""),
                workload("k8s with two ports", "kubelet_read_only_port = 10255 kubelet_secure_port = 10250"),
                workload("k8s with a word for an interval", "poll_retry_interval = \"soon\""),
                workload("k8s with a setting that is none", "node = \"x\""),
                workload("systemd", ""),
                CommandCase.of("validate: file that is not there", "validate -config @DIR@/none.conf"),
                CommandCase.of(
                                "validate: flags in place of keys",
                                "validate -config @DIR@/agent.conf -trustDomain example.org -serverPort 1")
                        .with((AGENT + PLUGINS).replaceFirst("trust_domain.*", "")),
                CommandCase.of("validate: unknown flag", "validate -no-such-flag"),
                CommandCase.of("validate: environment", "validate -config @DIR@/agent.conf -expandEnv")
                        .with((AGENT + PLUGINS).replace("example.org", "${NO_SUCH_VARIABLE}example.org")),
                CommandCase.of("run: unknown key", "run -config @DIR@/agent.conf")
                        .with(AGENT + "no_such_key = 1" + PLUGINS),
                CommandCase.of("run: file that is not there", "run -config @DIR@/none.conf"),
                CommandCase.of("run: unknown flag", "run -no-such-flag"),
                CommandCase.of("run: no bootstrap", "run -config @DIR@/agent.conf")
                        .with((AGENT + PLUGINS).replaceFirst("insecure_bootstrap.*", "")),
                CommandCase.of("run: flag without a value", "run -config"));
    }

    private static CommandCase validated(String name, String conf) {
        return CommandCase.of("validate: " + name, "validate -config @DIR@/agent.conf")
                .with(conf);
    }

    /** @param name begins with that of the attestor */
    private static CommandCase attested(String name, String data) {
        return validated(
                "node attestor " + name,
                AGENT
                        + PLUGINS.replace(
                                "NodeAttestor \"join_token\" { plugin_data {} }",
                                "NodeAttestor \"" + name.split(" ", 2)[0] + "\" { plugin_data { " + data + " } }"));
    }

    /** @param name begins with that of the attestor */
    private static CommandCase workload(String name, String data) {
        return validated(
                "workload attestor " + name,
                AGENT
                        + PLUGINS.replace(
                                "WorkloadAttestor \"unix\" { plugin_data {} }",
                                "WorkloadAttestor \"" + name.split(" ", 2)[0] + "\" { plugin_data { " + data + " } }"));
    }

    private static List<CommandCase> fetching() {
        return List.of(
                CommandCase.of("fetch x509", "api fetch x509" + AT),
                CommandCase.of("fetch", "api fetch" + AT),
                CommandCase.of("fetch x509: two dashes and equals", "api fetch x509 --socketPath=@SOCKET@"),
                CommandCase.of("fetch x509: silent", "api fetch x509 -silent" + AT),
                CommandCase.of("fetch x509: two identities", "api fetch x509" + AT)
                        .as(CommandUsers.TWO),
                CommandCase.of("fetch x509: federated", "api fetch x509" + AT).as(CommandUsers.FEDERATED),
                CommandCase.of("fetch x509: as JSON", "api fetch x509 -output json" + AT)
                        .as(CommandUsers.FEDERATED),
                CommandCase.of("fetch x509: in no format", "api fetch x509 -output xml" + AT),
                CommandCase.of("fetch x509: written", "api fetch x509 -write @DIR@" + AT)
                        .as(CommandUsers.FEDERATED),
                CommandCase.of("fetch x509: written in silence", "api fetch x509 -silent -write @DIR@" + AT),
                CommandCase.of("fetch x509: written to nowhere", "api fetch x509 -silent -write @DIR@/none" + AT),
                CommandCase.of("fetch x509: nobody", "api fetch x509" + AT).as(CommandUsers.NOBODY),
                CommandCase.of("fetch x509: no agent", "api fetch x509 -socketPath @DIR@/none.sock"),
                CommandCase.of("fetch x509: no duration", "api fetch x509 -timeout soon" + AT),
                CommandCase.of("fetch x509: unknown flag", "api fetch x509 -no-such-flag" + AT),
                CommandCase.of("fetch jwt", "api fetch jwt -audience a" + AT),
                CommandCase.of("fetch jwt: no audience", "api fetch jwt" + AT),
                CommandCase.of("fetch jwt: several audiences", "api fetch jwt -audience a,b" + AT),
                CommandCase.of("fetch jwt: two identities", "api fetch jwt -audience a" + AT)
                        .as(CommandUsers.TWO),
                CommandCase.of(
                                "fetch jwt: one of two",
                                "api fetch jwt -audience a -spiffeID spiffe://example.org/second" + AT)
                        .as(CommandUsers.TWO),
                CommandCase.of("fetch jwt: no ID", "api fetch jwt -audience a -spiffeID second" + AT),
                CommandCase.of(
                        "fetch jwt: ID of another", "api fetch jwt -audience a -spiffeID spiffe://example.org/x" + AT),
                CommandCase.of("fetch jwt: as JSON", "api fetch jwt -audience a -output json" + AT),
                CommandCase.of("fetch jwt: as JSON, in the old way", "api fetch jwt -audience a -format json" + AT),
                CommandCase.of("fetch jwt: nobody", "api fetch jwt -audience a" + AT)
                        .as(CommandUsers.NOBODY),
                CommandCase.of("watch", "api watch" + AT).endedAfter("CA #1 Valid Until"),
                CommandCase.of("watch: nobody", "api watch" + AT)
                        .as(CommandUsers.NOBODY)
                        .endedAfter("no identity issued"),
                CommandCase.of("watch: unknown flag", "api watch -no-such-flag"));
    }

    private static List<CommandCase> judging() {
        return List.of(
                CommandCase.of("validate jwt", "api validate jwt -audience a -svid @TOKEN@" + AT),
                CommandCase.of("validate jwt: as JSON", "api validate jwt -audience a -svid @TOKEN@ -output json" + AT),
                CommandCase.of("validate jwt: other audience", "api validate jwt -audience b -svid @TOKEN@" + AT),
                CommandCase.of("validate jwt: no token", "api validate jwt -audience a" + AT),
                CommandCase.of("validate jwt: no audience", "api validate jwt -svid @TOKEN@" + AT),
                CommandCase.of("validate jwt: broken", "api validate jwt -audience a -svid hello" + AT),
                CommandCase.of(
                        "validate jwt: no agent", "api validate jwt -audience a -svid x -socketPath @DIR@/none.sock"),
                CommandCase.of("healthcheck", "healthcheck" + AT),
                CommandCase.of("healthcheck: with words", "healthcheck -verbose -shallow" + AT),
                CommandCase.of("healthcheck: no agent", "healthcheck -socketPath @DIR@/none.sock"),
                CommandCase.of("healthcheck: no agent, with words", "healthcheck -verbose -socketPath @DIR@/none.sock"),
                CommandCase.of("healthcheck: unknown flag", "healthcheck -no-such-flag"),
                CommandCase.of("unknown command", "dance"),
                CommandCase.of("unknown command of api", "api dance"),
                CommandCase.of("version", "-version"),
                CommandCase.of("no command", ""));
    }

    /** What operators do, who are root here, as the admin socket is not for everybody. */
    private static List<CommandCase> operating() {
        return List.of(
                CommandCase.of("debug getinfo", "debug getinfo" + ADMIN).as(CommandUsers.ROOT),
                CommandCase.of("debug getinfo: as JSON", "debug getinfo -output json" + ADMIN)
                        .as(CommandUsers.ROOT),
                CommandCase.of("debug getinfo: no agent", "debug getinfo -socketPath @DIR@/none.sock"),
                CommandCase.of("debug getinfo: not root", "debug getinfo" + ADMIN),
                CommandCase.of("debug getinfo: in no format", "debug getinfo -output xml" + ADMIN),
                CommandCase.of("debug getinfo: unknown flag", "debug getinfo -no-such-flag"),
                CommandCase.of("debug: unknown", "debug dance"),
                CommandCase.of("logger get", "logger get" + ADMIN).as(CommandUsers.ROOT),
                CommandCase.of("logger get: as JSON", "logger get -output json" + ADMIN)
                        .as(CommandUsers.ROOT),
                CommandCase.of("logger get: no agent", "logger get -socketPath @DIR@/none.sock"),
                CommandCase.of("logger get: unknown flag", "logger get -no-such-flag"),
                CommandCase.of("logger set: to what it is", "logger set -level warn" + ADMIN)
                        .as(CommandUsers.ROOT),
                CommandCase.of("logger set: as JSON", "logger set -level WARNING -output json" + ADMIN)
                        .as(CommandUsers.ROOT),
                CommandCase.of("logger set: no level", "logger set" + ADMIN),
                CommandCase.of("logger set: unknown level", "logger set -level loud" + ADMIN),
                CommandCase.of("logger set: no agent", "logger set -level info -socketPath @DIR@/none.sock"),
                CommandCase.of("logger set: unknown flag", "logger set -no-such-flag"),
                CommandCase.of("logger reset", "logger reset" + ADMIN).as(CommandUsers.ROOT),
                CommandCase.of("logger reset: no agent", "logger reset -socketPath @DIR@/none.sock"),
                CommandCase.of("logger reset: unknown flag", "logger reset -no-such-flag"));
    }

    /** Each command line with the socket of one agent: only the command differs. */
    private static List<CommandCase> crossed() {
        var all = new ArrayList<CommandCase>();
        for (var agent : Side.values()) {
            var where = ", at the agent of " + agent;
            all.add(CommandCase.of("fetch x509" + where, "api fetch x509" + AT)
                    .as(CommandUsers.FEDERATED)
                    .of(agent));
            all.add(CommandCase.of("fetch jwt" + where, "api fetch jwt -audience a" + AT)
                    .as(CommandUsers.TWO)
                    .of(agent));
            all.add(CommandCase.of("validate jwt" + where, "api validate jwt -audience a -svid @TOKEN@" + AT)
                    .of(agent));
            all.add(CommandCase.of("healthcheck" + where, "healthcheck" + AT).of(agent));
            all.add(CommandCase.of("logger get" + where, "logger get" + ADMIN)
                    .as(CommandUsers.ROOT)
                    .of(agent));
            all.add(CommandCase.of("watch" + where, "api watch" + AT)
                    .endedAfter("CA #1 Valid Until")
                    .of(agent));
        }
        return all;
    }
}
