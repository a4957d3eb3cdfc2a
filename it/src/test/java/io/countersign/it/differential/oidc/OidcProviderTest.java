// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.oidc;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same requests, byte for byte, to our provider and SPIRE's. */
@Tag("foreign")
final class OidcProviderTest {
    private static final String DOCUMENT = "/.well-known/openid-configuration";

    /** What the files say, by name; keys are those of the name before the colon. */
    private static final Map<String, String> FILES = Map.of(
            "ec: plain", "",
            "ec: insecure", "allow_insecure_scheme = true\nset_key_use = true",
            "p384: issuer", "jwt_issuer = \"https://issuer.example.org/a/\"",
            "rsa: both", "jwt_issuer = \"https://issuer.example.org\"\njwks_uri = \"https://k.example.org/k?a=b\"",
            "rsa: prefix", "server_path_prefix = \"/foo\"\nset_key_use = true",
            "empty: plain", "",
            "none: plain", "");

    /** One question: to whom, over which port, which lines. */
    record Case(String name, String file, boolean probe, String lines) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Map<String, Map<Side, RunningProvider>> running = new LinkedHashMap<>();
    private static Family family;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        family = Family.named("oidc");
        write(folder, "ec", "EC", new ECGenParameterSpec("secp256r1"));
        write(folder, "p384", "EC", new ECGenParameterSpec("secp384r1"));
        write(folder, "rsa", "RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4));
        write(folder.resolve("empty.json"), List.of());
        for (var file : FILES.entrySet()) {
            var keys = folder.resolve(file.getKey().replaceFirst(":.*", ".json"));
            var both = new EnumMap<Side, RunningProvider>(Side.class);
            running.put(file.getKey(), both);
            for (var side : Side.values()) {
                both.put(side, RunningProvider.start(side, folder, keys, file.getValue()));
            }
        }
    }

    private static void write(Path folder, String name, String type, AlgorithmParameterSpec size) throws Exception {
        var generator = KeyPairGenerator.getInstance(type);
        generator.initialize(size);
        var key = new JwtAuthority("key-of-" + name, generator.generateKeyPair().getPublic());
        write(folder.resolve(name + ".json"), List.of(key));
    }

    private static void write(Path file, List<JwtAuthority> keys) throws Exception {
        var bundle = new TrustBundle(new TrustDomain("example.org"), List.of(), keys, 1, Optional.empty());
        Files.writeString(file, bundle.toJson());
    }

    @AfterAll
    static void end() throws Exception {
        for (var both : running.values()) {
            for (var provider : both.values()) {
                provider.close();
            }
        }
        family.conclude(cases().size() + commands().size(), "OIDC discovery provider", "SPIRE 1.15.3's");
    }

    static List<Case> cases() {
        var all = new ArrayList<Case>();
        for (var file : FILES.keySet()) {
            for (var path : List.of(DOCUMENT, "/foo" + DOCUMENT, "/keys", "/foo/keys", "/", "/foo/")) {
                all.add(new Case(file + ", " + path, file, false, get(path, "Host: 127.0.0.1:PORT")));
            }
            for (var path : List.of("/ready", "/live", "/other")) {
                all.add(new Case(file + ", probe " + path, file, true, get(path, "Host: localhost")));
            }
        }
        headers().forEach((name, lines) -> {
            all.add(new Case("header " + name, "ec: plain", false, get(DOCUMENT, lines)));
            all.add(new Case("header " + name + ", insecure", "ec: insecure", false, get(DOCUMENT, lines)));
        });
        conditions()
                .forEach((name, line) -> all.add(
                        new Case("keys " + name, "ec: plain", false, get("/keys", "Host: 127.0.0.1\n" + line))));
        requests().forEach((name, lines) -> all.add(new Case("request " + name, "ec: plain", false, lines)));
        for (var method : List.of("HEAD", "POST", "OPTIONS", "DELETE")) {
            for (var path : List.of(DOCUMENT, "/keys", "/other", "//keys")) {
                all.add(new Case(
                        method + " " + path,
                        "ec: plain",
                        false,
                        get(path, "Host: 127.0.0.1").replace("GET", method)));
            }
            all.add(new Case(
                    method + " probe",
                    "ec: plain",
                    true,
                    get("/live", "Host: localhost").replace("GET", method)));
        }
        return all;
    }

    private static String get(String path, String headers) {
        return "GET " + path + " HTTP/1.1\nConnection: close\n" + headers;
    }

    private static Map<String, String> headers() {
        return Map.ofEntries(
                Map.entry("allowed domain", "Host: oidc.example.org"),
                Map.entry("allowed domain with a port", "Host: oidc.example.org:8443"),
                Map.entry("another domain", "Host: evil.example.org"),
                Map.entry("another domain with a port", "Host: evil.example.org:443"),
                Map.entry("capital letters", "Host: OIDC.example.org"),
                Map.entry("underscore", "Host: a_b.example.org"),
                Map.entry("hyphen at the end", "Host: a-.example.org"),
                Map.entry("two hyphens", "Host: ab--c.example.org"),
                Map.entry("IPv6", "Host: [::1]:8080"),
                Map.entry("empty host", "Host:"),
                Map.entry("forwarded host", "Host: proxy\nX-Forwarded-Host: oidc.example.org"),
                Map.entry("forwarded wrong host", "Host: 127.0.0.1\nX-Forwarded-Host: evil.example.org"),
                Map.entry("forwarded https", "Host: 127.0.0.1\nX-Forwarded-Proto: HTTPS"),
                Map.entry("forwarded http", "Host: 127.0.0.1\nX-Forwarded-Proto: http"),
                Map.entry("forwarded scheme", "Host: 127.0.0.1\nX-Forwarded-Scheme: https"),
                Map.entry("forwarded by standard", "Host: 127.0.0.1\nForwarded: for=192.0.2.60;Proto=https;by=a"));
    }

    private static Map<String, String> conditions() {
        return Map.of(
                "modified since", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
                "not modified since", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
                "modified since nonsense", "If-Modified-Since: yesterday",
                "unmodified since", "If-Unmodified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
                "modified after all", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
                "any tag", "If-None-Match: *",
                "another tag", "If-None-Match: \"a\"",
                "match any", "If-Match: *",
                "match another", "If-Match: \"a\"",
                "part", "Range: bytes=0-9");
    }

    private static Map<String, String> requests() {
        return Map.ofEntries(
                Map.entry("without a host", "GET /keys HTTP/1.1\nConnection: close"),
                Map.entry("with two hosts", get("/keys", "Host: a\nHost: b")),
                Map.entry("with a malformed host", get("/keys", "Host: a/b")),
                Map.entry("of an old version", "GET /keys HTTP/1.0\nHost: 127.0.0.1"),
                Map.entry("of an old version without a host", "GET " + DOCUMENT + " HTTP/1.0"),
                Map.entry("with a full address", get("http://oidc.example.org" + DOCUMENT, "Host: b")),
                Map.entry("with a full https address", get("https://127.0.0.1" + DOCUMENT, "Host: b")),
                Map.entry("with a query", get(DOCUMENT + "?a=b", "Host: 127.0.0.1")),
                Map.entry("with two slashes", get("//.well-known//openid-configuration?a=b&c", "Host: 127.0.0.1")),
                Map.entry("with dots", get("/a/../keys", "Host: 127.0.0.1")),
                Map.entry("with a slash at the end", get("/keys/", "Host: 127.0.0.1")),
                Map.entry("with percent signs", get("/%6beys", "Host: 127.0.0.1")),
                Map.entry("with a broken percent sign", get("/%zz", "Host: 127.0.0.1")),
                Map.entry("without a path", "GET keys HTTP/1.1\nHost: 127.0.0.1"),
                Map.entry("that is none", "NONSENSE"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void both(Case what) throws Exception {
        var both = running.getOrDefault(what.file(), Map.of());
        family.compare(what.name(), answer(both, Side.OURS, what), answer(both, Side.ORIGINAL, what));
    }

    private static Answer answer(Map<Side, RunningProvider> both, Side side, Case what) throws Exception {
        return Optional.ofNullable(both.get(side)).orElseThrow().ask(what.probe(), what.lines());
    }

    /** Command lines and files that end it at once, by name. */
    static List<String> commands() {
        return List.of(
                "-version=false -no-such-flag",
                "run",
                "-expandEnv=perhaps",
                "-config",
                "-h",
                "-version",
                "-config none.conf",
                "file: ",
                "file: domains = [\"a\"]",
                "file: domains = [\"a\"] insecure_addr = \":0\" listen_socket_path = \"a\" file { path = \"a\" }",
                "file: domains = [\"a\"] insecure_addr = \":0\" server_api { address = \"tcp:a\" }",
                "file: domains = [\"a\"] insecure_addr = \":0\" workload_api { socket_path = \"a\" }",
                "file: domains = [\"A_b\"] insecure_addr = \":0\" file { path = \"a\" }",
                "file: domains = [\"a\"] insecure_addr = \":0\" file { path = \"a\" } jwt_issuer = \"a\"",
                "file: domains = [\"a\"] insecure_addr = \":0\" file { path = \"a\" } log_level = \"loud\"");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("commands")
    void bothEndWithTheSameCode(String words, @TempDir Path folder) throws Exception {
        var file = folder.resolve("o.conf");
        Files.writeString(file, words.replaceFirst("^file: ", "").replaceAll("(?<=[\\]\"}]) (?=[a-z_]+ [={])", "\n"));
        var arguments = words.startsWith("file: ") ? List.of("-config", file.toString()) : List.of(words.split(" "));
        family.compare(words, code(Side.OURS, arguments), code(Side.ORIGINAL, arguments));
    }

    private static Answer code(Side side, List<String> arguments) throws Exception {
        var outcome = Outcome.of(Map.of(), RunningProvider.command(side, arguments));
        return Answer.empty()
                .with("exit", outcome.code())
                .with("out", outcome.out().isEmpty() ? "empty" : "something");
    }
}
