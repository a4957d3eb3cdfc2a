// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.delivery.Choice;
import io.countersign.helper.delivery.FileMode;
import io.countersign.helper.delivery.Layout;
import io.countersign.helper.delivery.Ownership;
import io.countersign.helper.delivery.X509File;
import io.countersign.helper.health.HealthSettings;
import io.countersign.helper.notify.Announcement;
import io.countersign.helper.notify.CommandNotice;
import io.countersign.helper.notify.HttpNotice;
import io.countersign.helper.notify.Notification;
import io.countersign.helper.notify.Proof;
import io.countersign.helper.notify.Signal;
import io.countersign.helper.notify.SignalNotice;
import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.spiffe.SpiffeId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HelperConfigFileTest {
    /** The demo's file for its backend, which the original refuses for log_level. */
    private static final String DEMO = """
            agent_address = "/run/spire/sockets/agent.sock"
            cmd = ""
            cmd_args = ""
            cert_dir = "/spiffe-certs"
            renew_signal = ""
            svid_file_name = "svid.pem"
            svid_key_file_name = "svid_key.pem"
            svid_bundle_file_name = "svid_bundle.pem"
            cert_file_mode = 0644
            key_file_mode = 0600
            log_level = "debug"
            """;

    private static final String NAMES = """
            svid_file_name = "svid.pem"
            svid_key_file_name = "key.pem"
            svid_bundle_file_name = "bundle.pem"
            """;

    @TempDir
    private Path folder;

    private HelperConfig read(String text) throws IOException {
        return read(text, Optional.empty(), Map.of());
    }

    private HelperConfig read(String text, Optional<Boolean> daemon, Map<String, String> environment)
            throws IOException {
        var file = folder.resolve("helper.conf");
        Files.writeString(file, text);
        return HelperConfigFile.read(ConfigFile.parse(file, false), daemon, environment);
    }

    private List<String> problems(String text) {
        var report = String.valueOf(
                assertThrows(ConfigException.class, () -> read(text)).getMessage());
        return report.lines()
                .map(line -> line.substring(line.indexOf("helper.conf:") + "helper.conf:".length()))
                .toList();
    }

    @Test
    void demoFileIsReadWithItsLogLevel() throws IOException {
        var config = read(DEMO);

        var files = config.identities().getFirst().files();
        assertEquals("/run/spire/sockets/agent.sock", config.agentAddress());
        assertEquals(
                List.of(
                        new X509File.Bundle(Path.of("/spiffe-certs/svid_bundle.pem"), FileMode.PUBLIC),
                        new X509File.Key(Path.of("/spiffe-certs/svid_key.pem"), FileMode.PRIVATE),
                        new X509File.Chain(Path.of("/spiffe-certs/svid.pem"), FileMode.PUBLIC)),
                files.files());
        assertEquals(
                new Layout.OneByOne(files.files().stream().map(X509File::path).toList()), files.layout());
        assertEquals(LogSettings.Level.DEBUG, config.log().level());
        assertEquals(Notification.NOBODY, config.notification());
        assertTrue(config.daemon());
        assertEquals(List.of(), config.warnings());
    }

    @Test
    void everyOptionIsRead() throws IOException {
        var config = read(NAMES + """
                AGENT_Address = "/agent.sock"
                cmd = "/bin/server"
                cmd_args = "-name \\"two words\\""
                pid_file_name = "/run/server.pid"
                renew_signal = "SIGUSR1"
                add_intermediates_to_bundle = true
                include_federated_domains = true
                omit_expired = true
                hint = "internal"
                jwt_svids = [
                  { jwt_audience = "a", jwt_extra_audiences = ["b", "c"], jwt_svid_file_name = "/one.jwt" },
                  { jwt_audience = "d", jwt_svid_file_name = "two.jwt" },
                ]
                jwt_bundle_file_name = "keys.json"
                jwt_bundle_file_mode = "0o640"
                jwt_svid_file_mode = "0400"
                cert_dir = "certs"
                health_checks { listener_enabled = true  bind_port = 9000  liveness_path = "/l" }
                """);

        assertEquals(
                new Notification(
                        List.of("/bin/server", "-name", "two words"),
                        Optional.of(Signal.SIGUSR1),
                        Optional.of(Path.of("/run/server.pid"))),
                config.notification());
        assertEquals(Optional.of(new HealthSettings(9000, "/l", "/ready")), config.health());
        assertEquals(Path.of("certs/one.jwt"), config.jwtTokens().getFirst().file());
        assertEquals(List.of("a", "b", "c"), config.jwtTokens().getFirst().audiences());
        assertEquals(new FileMode(0400), config.jwtTokens().getLast().mode());
        assertEquals(new FileMode(0640), config.jwtBundle().orElseThrow().mode());
        var files = config.identities().getFirst().files();
        assertEquals(new Choice.ByHint("internal"), files.choice());
        assertTrue(files.rules().intermediatesInBundle()
                && files.rules().federated()
                && files.rules().omitExpired());
    }

    @Test
    void allProblemsOfAFileAreReportedAtOnceWithTheirLines() {
        var problems = problems("""
                agent_adress = "/agent.sock"
                svid_file_name = "svid.pem"
                svid_bundle_file_name = "./svid.pem"
                daemon_mode = "no"
                renew_signal = "SIGHUB"
                cmd_args = "a\\"b"
                key_file_mode = 600
                jwt_svids = [ { jwt_audience = "a" } ]
                log_level = "loud"
                health_checks {
                  bind_port = 70000
                  livness_path = "/l"
                }
                """);

        assertEquals(
                List.of(
                        "1: agent_adress: unknown key, did you mean agent_address?",
                        "3: svid_bundle_file_name: \"./svid.pem\" is also what svid_file_name names,"
                                + " expected a file of its own",
                        "4: daemon_mode: \"no\" is no boolean, expected true or false without quotes",
                        "5: renew_signal: \"SIGHUB\" is no signal, did you mean SIGHUP?",
                        "6: cmd_args: a quote inside of a word was found, expected words with a space between them,"
                                + " or \"in quotes\" as a whole",
                        "7: key_file_mode: 600 is out of range, expected 0001 to 0777; 600 is decimal, write 0600",
                        "8: jwt_svids[0].jwt_svid_file_name: is missing, expected a value",
                        "9: log_level: \"loud\" is no log level, expected one of [ERROR, WARN, INFO, DEBUG, TRACE]",
                        "11: health_checks.bind_port: \"70000\" is no port, expected 1 to 65535",
                        "12: health_checks.livness_path: unknown key, did you mean liveness_path?"),
                problems.stream()
                        .filter(each -> !each.startsWith("1: svid_key"))
                        .toList());
        assertTrue(
                problems.stream().anyMatch(each -> each.contains("svid_key_file_name: is missing")),
                problems::toString);
    }

    @Test
    void fileThatAsksForNothingIsRefused() {
        assertTrue(problems("cert_dir = \"/certs\"").getFirst().contains("no file is asked for"));
    }

    @Test
    void pidFileNeedsASignalAndADaemon() {
        var problems = problems(NAMES + "pid_file_name = \"x\"\ndaemon_mode = false\n");

        assertEquals(2, problems.size());
        assertTrue(problems.getFirst().contains("works in daemon mode only"));
        assertTrue(problems.getLast().contains("without renew_signal"));
    }

    @Test
    void decimalModeMeansWhatTheOriginalTakesItForAndIsWarnedOf() throws IOException {
        var config = read(NAMES + "cert_file_mode = 444");

        assertEquals(
                new FileMode(0674),
                config.identities().getFirst().files().files().getFirst().mode());
        assertEquals(
                List.of("cert_file_mode = 444 is decimal and means 0674; write 0444 if you mean that"),
                config.warnings());
    }

    @Test
    void commandLineOverridesTheModeOfTheFile() throws IOException {
        assertTrue(
                read(NAMES + "daemon_mode = false", Optional.of(true), Map.of()).daemon());
    }

    @Test
    void environmentSaysWhereTheAgentIsIfTheFileDoesNot() throws IOException {
        var address = "unix:///run/agent.sock";

        assertEquals(
                address,
                read(NAMES, Optional.empty(), Map.of("SPIFFE_ENDPOINT_SOCKET", address))
                        .agentAddress());
        assertEquals(
                "/mine",
                read(NAMES + "agent_address = \"/mine\"", Optional.empty(), Map.of("SPIFFE_ENDPOINT_SOCKET", address))
                        .agentAddress());
        assertEquals("/tmp/spire-agent/public/api.sock", read(NAMES).agentAddress());
    }

    @Test
    void jsonIsReadAsWell() throws IOException {
        var config = read("""
                {"jwt_svids": [{"jwt_audience": "a", "jwt_svid_file_name": "t"}], "health_checks": {"bind_port": 1}}
                """);

        assertEquals(List.of("a"), config.jwtTokens().getFirst().audiences());
    }

    @Test
    void whatHasNoEffectIsSaid() throws IOException {
        assertEquals(
                List.of("renew_signal is given without cmd or pid_file_name, so nobody gets it; it has no effect"),
                read(NAMES + "renew_signal = \"SIGHUP\"").warnings());
    }

    @Test
    void fileOfVersion08IsReadAndItsOldKeysAreWarnedOf() throws IOException {
        var config = read("""
                agentAddress = "/agent.sock"
                cmd = "/bin/server"
                cmdArgs = "-x"
                certDir = "/certs"
                renewSignal = "SIGHUP"
                svidFileName = "svid.pem"
                svidKeyFileName = "key.pem"
                svidBundleFileName = "bundle.pem"
                addIntermediatesToBundle = true
                """);

        assertEquals("/agent.sock", config.agentAddress());
        assertEquals(
                Optional.of(Path.of("/certs/svid.pem")),
                config.identities().getFirst().files().certificateFile());
        assertFalse(config.identities().getFirst().files().rules().intermediatesInBundle(), "it had no effect in 0.8");
        assertEquals(
                new Notification(List.of("/bin/server", "-x"), Optional.of(Signal.SIGHUP), Optional.empty()),
                config.notification());
        assertEquals(
                List.of(
                        "agentAddress will be deprecated, should be used as agent_address",
                        "cmdArgs will be deprecated, should be used as cmd_args",
                        "certDir will be deprecated, should be used as cert_dir",
                        "renewSignal will be deprecated, should be used as renew_signal",
                        "svidFileName will be deprecated, should be used as svid_file_name",
                        "svidKeyFileName will be deprecated, should be used as svid_key_file_name",
                        "svidBundleFileName will be deprecated, should be used as svid_bundle_file_name",
                        "addIntermediatesToBundle has no effect, as it had none in version 0.8; write"
                                + " add_intermediates_to_bundle if you want it"),
                config.warnings());
    }

    @Test
    void oldAndNewNameOfOneKeyExcludeEachOther() {
        assertEquals(
                List.of("4: certDir: use of cert_dir and certDir found, use only cert_dir"),
                problems(NAMES + "certDir = \"/a\"\ncert_dir = \"/b\""));
    }

    @Test
    void keysThatAreGoneAreRefusedWithWhatToDo() {
        assertEquals(
                List.of(
                        "4: exit_when_ready: is no key of the original any more; write daemon_mode = false",
                        "5: timeout: is no key of the original any more; remove it"),
                problems(NAMES + "exit_when_ready = true\ntimeout = \"10s\""));
    }

    @Test
    void blockOfOurOwnIsRead() throws IOException {
        var config = read(NAMES + """
                cert_dir = "/certs"
                countersign {
                  together = true
                  owner = "postgres"
                  group = "ssl"
                  min_validity = "10m"
                  combined_file_name = "all.pem"
                  bundle_folder = "trust"
                  notify { pid_file = "/run/pid"  signal = "SIGHUP" }
                  notify { command = ["psql", "-c", "select pg_reload_conf()"]  timeout = "3s" }
                  notify { url = "http://localhost:1/reload"  expect_status = 204 }
                  proven_by { address = "[::1]:5432"  protocol = "postgresql"  server_name = "db" }
                  identities = [
                    {
                      spiffe_id = "spiffe://example.org/web"
                      folder = "web"
                      owner = "www"
                      pkcs12_file_name = "store.p12"
                      pkcs12_password_file = "/etc/password"
                    }
                  ]
                }
                """);

        var first = config.identities().getFirst();
        assertTrue(config.ours());
        assertEquals("/certs", first.name());
        assertEquals(new Layout.Together(Path.of("/certs")), first.files().layout());
        assertEquals(
                new Ownership(Optional.of("postgres"), Optional.of("ssl")),
                first.files().ownership());
        assertEquals(Optional.of(Duration.ofMinutes(10)), first.minValidity());
        assertEquals(5, first.files().files().size());
        assertEquals(
                new Announcement(
                        List.of(
                                new SignalNotice(Path.of("/run/pid"), Signal.SIGHUP),
                                new CommandNotice(
                                        List.of("psql", "-c", "select pg_reload_conf()"), Duration.ofSeconds(3)),
                                new HttpNotice(
                                        URI.create("http://localhost:1/reload"),
                                        OptionalInt.of(204),
                                        Duration.ofSeconds(10))),
                        Optional.of(new Proof(
                                "::1", 5432, Proof.Protocol.POSTGRESQL, Optional.of("db"), Duration.ofSeconds(10)))),
                first.announcement());
        var web = config.identities().getLast();
        assertEquals(
                new Choice.ById(SpiffeId.parse("spiffe://example.org/web")),
                web.files().choice());
        assertEquals(
                List.of(new X509File.Pkcs12(
                        Path.of("/certs/web/store.p12"), FileMode.PRIVATE, Path.of("/etc/password"), "spiffe")),
                web.files().files());
        assertEquals(
                new Ownership(Optional.of("www"), Optional.of("ssl")),
                web.files().ownership());
        assertEquals(new Layout.Together(Path.of("/certs/web")), web.files().layout());
        assertEquals(Announcement.NONE, web.announcement());
    }

    @Test
    void ownerAndIdentityOfOurBlockCountForTokensAndTheirKeys() throws IOException {
        var config = read("""
                jwt_bundle_file_name = "keys.json"
                jwt_svids = [{ jwt_audience = "a", jwt_svid_file_name = "token" }]
                countersign {
                  owner = "app"
                  spiffe_id = "spiffe://example.org/web"
                }
                """);

        var id = Optional.of(SpiffeId.parse("spiffe://example.org/web"));
        var owner = new Ownership(Optional.of("app"), Optional.empty());
        assertEquals(id, config.jwtTokens().getFirst().id());
        assertEquals(owner, config.jwtTokens().getFirst().ownership());
        assertEquals(id, config.jwtBundle().orElseThrow().id());
        assertEquals(owner, config.jwtBundle().orElseThrow().ownership());
    }

    @Test
    void problemsOfOurBlockAreReportedWithTheirLines() {
        assertEquals(
                List.of(
                        "4: countersign.pkcs12_password_file: is missing, expected both or none of pkcs12_file_name,"
                                + " pkcs12_password_file",
                        "6: countersign.min_validty: unknown key, did you mean min_validity?",
                        "7: countersign.bundle_folder: needs together = true, so that trust domains that are gone go from the"
                                + " disk",
                        "8: countersign.notify[0].sql: is not built in; write command = [\"psql\", \"-c\", \"select"
                                + " pg_reload_conf()\"], and proven_by with protocol = \"postgresql\", since that function"
                                + " succeeds whatever becomes of the files",
                        "9: countersign.notify[1]: [command, url] found, expected one of [pid_file, command, url]",
                        "10: countersign.notify[2].signal: is missing, expected a name such as SIGHUP",
                        "11: countersign.notify[3].url: \"ftp://host/\" was found, expected http:// or https:// and a host",
                        "12: countersign.notify[4].timeout: is out of range, expected more than 0s and at most 5m: no file"
                                + " is renewed meanwhile",
                        "13: countersign.proven_by.protocol: \"mysql\" is not known, expected tls or postgresql",
                        "13: countersign.proven_by.address: \"localhost\" was found, expected host:port",
                        "14: countersign.identities[0].folder: is missing, expected a folder below cert_dir",
                        "14: countersign.identities[0].folder: \"\" is also the folder of the first identity, expected"
                                + " one of its own",
                        "14: countersign.identities[0]: which identity is not said, expected either hint or spiffe_id"),
                problems(NAMES + """
                        countersign {
                          pkcs12_file_name = "store.p12"
                          min_validty = "1m"
                          bundle_folder = "trust"
                          notify { sql = "select pg_reload_conf()" }
                          notify { command = ["true"]  url = "http://h/" }
                          notify { pid_file = "/run/pid" }
                          notify { url = "ftp://host/" }
                          notify { command = ["true"]  timeout = "6m" }
                          proven_by { address = "localhost"  protocol = "mysql" }
                          identities { combined_file_name = "all.pem"  together = true }
                        }
                        """));
    }

    @Test
    void filesThatAppearTogetherStandInOneFolderOfTheirOwn() {
        var problems = problems("""
                cert_dir = "/certs"
                countersign {
                  together = true
                  combined_file_name = "../all.pem"
                  identities { hint = "a"  folder = "."  combined_file_name = "b.pem" }
                }
                """);

        assertEquals(
                List.of(
                        "3: countersign.together: \"/all.pem\" is not in \"/certs\", expected names without / where"
                                + " files appear together",
                        "5: countersign.identities[0].folder: \"/certs\" is also the folder of the first identity,"
                                + " expected one of its own"),
                problems);
    }

    @Test
    void nobodyIsToldOfFilesThatAreWrittenOnce() {
        assertEquals(
                List.of("4: countersign.notify: works in daemon mode only; remove it or set daemon_mode = true"),
                problems(NAMES + "countersign { notify { command = [\"true\"] } }\ndaemon_mode = false"));
    }
}
