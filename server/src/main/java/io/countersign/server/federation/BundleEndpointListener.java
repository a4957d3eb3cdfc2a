// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.countersign.rpc.TlsIdentity;
import io.countersign.server.authority.ServerIdentity;
import io.countersign.server.config.ServerConfig.Endpoint;
import io.countersign.server.config.ServerConfig.Serving;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.tls.FreshSslContext;
import io.countersign.workloadapi.tls.ServingCertificate;
import io.countersign.workloadapi.tls.SpiffeTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives this trust domain's bundle to whoever asks (SPIFFE Federation section 5): {@code GET /}, nothing else, and no
 * client is asked who it is. Each request has a virtual thread.
 */
public final class BundleEndpointListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BundleEndpointListener.class);

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Supplier<TrustBundle> bundle;

    /**
     * Opens it.
     *
     * @param bundle asked once a request
     * @throws IOException if the port is in use or the serving certificate cannot be used
     */
    public BundleEndpointListener(
            Endpoint endpoint, ServerIdentity identity, Supplier<TrustBundle> bundle, InstantSource clock)
            throws IOException {
        this.bundle = bundle;
        TlsIdentity shown = switch (endpoint.serving()) {
            case Serving.OwnSvid() -> new SpiffeTls(identity::svid, domain -> Optional.empty(), id -> false);
            case Serving.Files(var certificates, var key, var sync) ->
                new ServingCertificate(certificates, key, sync, clock);
        };
        server = HttpsServer.create(endpoint.address(), 0);
        server.setHttpsConfigurator(new Configurator(FreshSslContext.of(shown)));
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        log.info("bundle endpoint listens on {}", server.getAddress());
    }

    private static final class Configurator extends HttpsConfigurator {
        Configurator(SSLContext context) {
            super(context);
        }

        @Override
        public void configure(HttpsParameters parameters) {
            parameters.setSSLParameters(EndpointTls.parameters(getSSLContext()));
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        log.atDebug()
                .addKeyValue("peer", exchange.getRemoteAddress())
                .addKeyValue("method", exchange.getRequestMethod())
                .addKeyValue("path", exchange.getRequestURI().getPath())
                .log("bundle is asked for");
        if (!exchange.getRequestMethod().equals("GET")) {
            refuse(exchange, 405, "405 method not allowed");
        } else if (!exchange.getRequestURI().getPath().equals("/")) {
            refuse(exchange, 404, "404 page not found");
        } else {
            try {
                send(exchange, 200, "application/json", bundle.get().toJson());
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("the bundle cannot be served");
                refuse(exchange, 500, "500 unable to retrieve local bundle");
            }
        }
    }

    private static void refuse(HttpExchange exchange, int status, String words) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", words + "\n");
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        try (exchange) {
            var body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            boolean bodiless = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, bodiless ? -1 : body.length);
            if (!bodiless) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
