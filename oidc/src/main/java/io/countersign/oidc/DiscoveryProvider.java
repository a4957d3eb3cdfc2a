// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.oidc.config.HealthSettings;
import io.countersign.oidc.config.Listen;
import io.countersign.oidc.config.OidcConfig;
import io.countersign.oidc.document.DiscoveryDocument;
import io.countersign.oidc.document.KeysDocument;
import io.countersign.oidc.document.Paths;
import io.countersign.oidc.http.Handler;
import io.countersign.oidc.http.HttpListener;
import io.countersign.oidc.http.Routes;
import io.countersign.oidc.keys.KeyPolling;
import io.countersign.workloadapi.tls.FreshSslContext;
import io.countersign.workloadapi.tls.ServingCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running provider: everything is made here, in the order in which it comes to life. */
public final class DiscoveryProvider implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DiscoveryProvider.class);

    private final Closing closing = new Closing();
    private final InstantSource clock;
    private final HttpListener documents;
    private final Optional<HttpListener> probes;

    private DiscoveryProvider(OidcConfig config, InstantSource clock) throws IOException {
        this.clock = clock;
        try {
            var keys = closing.add(KeyPolling.start(config.source(), clock));
            documents = closing.add(listen(config.listen(), logging(config, routes(config, keys))));
            probes = config.health()
                    .flatMap(settings -> listen(
                            settings,
                            new Probes(keys::lastSuccess, config.source().interval(), clock)));
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    /** Serves as soon as it returns; the keys come when the source gives them. */
    public static DiscoveryProvider start(OidcConfig config, InstantSource clock) throws IOException {
        return new DiscoveryProvider(config, clock);
    }

    /** Serves until a signal comes. */
    static void run(OidcConfig config) throws Exception {
        new Stopping().await(start(config, InstantSource.system()));
    }

    private static Routes routes(OidcConfig config, KeyPolling keys) {
        var prefix = config.pathPrefix();
        return new Routes(Map.of(
                Paths.join(prefix, ".well-known/openid-configuration"),
                new DiscoveryDocument(
                        config.domains(), config.allowInsecureScheme(), config.jwtIssuer(), config.jwksUri(), prefix),
                Paths.join(prefix, "keys"),
                new KeysDocument(keys::keys, config.setKeyUse())));
    }

    private static Handler logging(OidcConfig config, Handler handler) {
        if (!config.logRequests()) {
            return handler;
        }
        log.info("Logging all requests");
        return request -> {
            log.atDebug()
                    .addKeyValue("remote-addr", request.peer())
                    .addKeyValue("method", request.method())
                    .addKeyValue("url", request.target())
                    .addKeyValue("user-agent", request.header("User-Agent").orElse(""))
                    .log("Incoming request");
            return handler.answer(request);
        };
    }

    private HttpListener listen(Listen listen, Handler handler) throws IOException {
        return switch (listen) {
            case Listen.Insecure(var address) -> {
                var listener = HttpListener.onTcp(address.resolve(), handler);
                log.atWarn().addKeyValue("address", address).log("Serving HTTP (insecure)");
                yield listener;
            }
            case Listen.UnixSocket(var path) -> {
                var listener = HttpListener.onUnixSocket(path, handler);
                log.atInfo()
                        .addKeyValue("network", "unix")
                        .addKeyValue("address", path)
                        .log("Serving HTTP");
                yield listener;
            }
            case Listen.ServingCertFile(var certificates, var key, var sync, var address) -> {
                var shown = new ServingCertificate(certificates, key, sync, clock);
                var listener = HttpListener.onTls(address.resolve(), FreshSslContext.of(shown), handler);
                log.atInfo()
                        .addKeyValue("cert_file_path", certificates)
                        .addKeyValue("address", address)
                        .log("Serving HTTPS using certificate loaded from disk");
                yield listener;
            }
        };
    }

    /** That probes cannot be answered is no reason to withhold the keys. */
    private Optional<HttpListener> listen(HealthSettings settings, Probes answers) {
        try {
            var routes = new Routes(Map.of(settings.readyPath(), answers.ready(), settings.livePath(), answers.live()));
            return Optional.of(closing.add(HttpListener.onTcp(new InetSocketAddress(settings.port()), routes)));
        } catch (IOException e) {
            log.atError().addKeyValue("error", e.getMessage()).log("health checks are not served");
            return Optional.empty();
        }
    }

    /** Of the documents; -1 for a Unix socket. */
    public int port() {
        return documents.port();
    }

    /** Of the probes, if they are served. */
    public Optional<Integer> probePort() {
        return probes.map(HttpListener::port);
    }

    @Override
    public void close() {
        closing.close();
    }
}
