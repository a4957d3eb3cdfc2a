// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.delivery.FileMode;
import io.countersign.helper.health.HealthSettings;
import io.countersign.helper.notify.Notification;
import io.countersign.helper.notify.Signal;
import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

        var files = config.x509().orElseThrow();
        assertEquals("/run/spire/sockets/agent.sock", config.agentAddress());
        assertEquals(Path.of("/spiffe-certs/svid.pem"), files.svid());
        assertEquals(Path.of("/spiffe-certs/svid_key.pem"), files.key());
        assertEquals(Path.of("/spiffe-certs/svid_bundle.pem"), files.bundle());
        assertEquals(FileMode.PUBLIC, files.certificateMode());
        assertEquals(FileMode.PRIVATE, files.keyMode());
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
        var files = config.x509().orElseThrow();
        assertEquals("internal", files.hint());
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

        assertEquals(new FileMode(0674), config.x509().orElseThrow().certificateMode());
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
}
