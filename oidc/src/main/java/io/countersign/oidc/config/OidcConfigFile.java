// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigException;
import io.countersign.oidc.document.Domains;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the oidc-discovery-provider.conf of SPIRE's provider in HCL or JSON. All problems come in one report. */
public final class OidcConfigFile {
    private static final int STANDARD_HEALTH_PORT = 8008;
    private static final int HIGHEST_PORT = 65535;

    private final ConfigBlock root;
    private final List<String> warnings = new ArrayList<>();

    private OidcConfigFile(ConfigBlock root) {
        this.root = root;
    }

    /** @throws ConfigException with every problem that was found */
    public static OidcConfig read(ConfigBlock file) {
        return new OidcConfigFile(file).read();
    }

    private OidcConfig read() {
        root.refuse("acme", "is not supported; use serving_cert_file, or a proxy in front of listen_socket_path");
        root.block("experimental")
                .ifPresent(block ->
                        block.refuse("listen_named_pipe_name", "named pipes are Windows'; use listen_socket_path"));
        var domains = domains();
        var listen = new ListenSection(root).read();
        var source = new SourceSection(root).read();
        boolean insecureScheme = root.bool("allow_insecure_scheme", false);
        var issuer = url("jwt_issuer");
        var jwksUri = url("jwks_uri");
        var prefix = prefix();
        boolean use = root.bool("set_key_use", false);
        boolean requests = root.bool("log_requests", false);
        var health = health();
        var log = log();
        warn(insecureScheme, issuer, jwksUri);
        root.check();
        // what is missing was a problem
        return new OidcConfig(
                domains,
                listen.orElseThrow(),
                source.orElseThrow(),
                insecureScheme,
                issuer,
                jwksUri,
                prefix,
                use,
                health,
                log,
                requests,
                warnings);
    }

    private void warn(boolean insecureScheme, Optional<URI> issuer, Optional<URI> jwksUri) {
        if (insecureScheme) {
            warnings.add(
                    "allow_insecure_scheme is enabled. JWKS keys will be served over HTTP. Only enable this when the"
                            + " network path to the provider is trusted end-to-end (for example, when TLS is terminated at a"
                            + " trusted reverse proxy or load balancer on a private network)");
        }
        if (issuer.isPresent() && jwksUri.isEmpty()) {
            warnings.add("jwks_uri is not set and follows jwt_issuer");
        }
    }

    private Domains domains() {
        var names = root.strings("domains");
        if (names.isEmpty()) {
            root.problem("domains", "is missing, expected the host names that verifiers ask by");
        }
        var good = new ArrayList<String>();
        for (var name : names) {
            Domains.wrong(name).ifPresentOrElse(why -> root.problem("domains", why), () -> good.add(name));
        }
        return Domains.of(good);
    }

    private Optional<URI> url(String key) {
        return root.string(key).flatMap(value -> {
            try {
                var url = new URI(value);
                if (url.isAbsolute() && url.getRawAuthority() != null) {
                    return Optional.of(url);
                }
            } catch (URISyntaxException e) {
                return noUrl(key, value);
            }
            return noUrl(key, value);
        });
    }

    private Optional<URI> noUrl(String key, String value) {
        root.problem(
                key,
                "\"" + value + "\" was found, expected a url with scheme and host, such as"
                        + " https://oidc.example.org");
        return Optional.empty();
    }

    private String prefix() {
        var prefix = root.string("server_path_prefix").orElse("/");
        if (!prefix.startsWith("/")) {
            root.problem("server_path_prefix", "\"" + prefix + "\" was found, expected a path that begins with /");
        }
        return prefix;
    }

    /** Listens as soon as the block is there. */
    private Optional<HealthSettings> health() {
        return root.block("health_checks").map(block -> {
            int given = block.integer("bind_port", 0);
            if (given > HIGHEST_PORT) {
                block.problem("bind_port", "\"" + given + "\" is no port, expected 1 to " + HIGHEST_PORT);
            }
            var live = path(block, "live_path", "/live");
            var ready = path(block, "ready_path", "/ready");
            if (live.equals(ready)) {
                block.problem("ready_path", "\"" + ready + "\" is the live_path as well, expected another");
            }
            return new HealthSettings(given <= 0 ? STANDARD_HEALTH_PORT : given, live, ready);
        });
    }

    private static String path(ConfigBlock block, String key, String absent) {
        var path = block.string(key, absent);
        if (!path.startsWith("/")) {
            block.problem(key, "\"" + path + "\" was found, expected a path that begins with /");
        }
        return path;
    }

    private LogSettings log() {
        var standard = LogSettings.standard();
        var level = standard.level();
        var format = standard.format();
        try {
            level = root.string("log_level").map(LogSettings::level).orElse(level);
        } catch (IllegalArgumentException e) {
            root.problem("log_level", String.valueOf(e.getMessage()));
        }
        try {
            format = root.string("log_format").map(LogSettings::format).orElse(format);
        } catch (IllegalArgumentException e) {
            root.problem("log_format", String.valueOf(e.getMessage()));
        }
        return new LogSettings(level, format, root.string("log_path").map(Path::of));
    }
}
