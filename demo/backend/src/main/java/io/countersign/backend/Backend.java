// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import io.countersign.backend.database.SessionPool;
import io.countersign.backend.web.BackendWeb;
import io.countersign.launch.EventLog;
import io.countersign.launch.Log;
import io.countersign.launch.Stopping;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** A running backend: the pool of database sessions and the web server in front of it. */
public final class Backend implements AutoCloseable {
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    private final ConfigurableApplicationContext web;
    private final EventLog log;

    private Backend(ConfigurableApplicationContext web, EventLog log) {
        this.web = web;
        this.log = log;
    }

    /** Returns when requests are answered; fails if the database cannot be reached, as the original does. */
    public static Backend start(BackendSettings settings) {
        // our own set-up, before Spring makes its
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        Log.configureForStandardOutput(settings.log());
        // Tomcat speaks through java.util.logging
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        var log = new EventLog("backend");
        log.info().log("Starting backend service");
        var pool = new SessionPool(settings.database(), log);
        connect(settings, pool, log);
        try {
            var web = serve(settings, pool, log);
            return new Backend(web, log);
        } catch (RuntimeException e) {
            pool.close();
            log.error().addKeyValue("error", String.valueOf(e.getMessage())).log("Server error");
            throw new StartException(e);
        }
    }

    private static void connect(BackendSettings settings, SessionPool pool, EventLog log) {
        var address = settings.database().address();
        var files = settings.database().files();
        var limits = settings.database().limits();
        log.info()
                .addKeyValue("host", address.host())
                .addKeyValue("port", String.valueOf(address.port()))
                .addKeyValue("dbname", address.database())
                .addKeyValue("max_open_conns", limits.open())
                .addKeyValue("max_idle_conns", limits.idle())
                .addKeyValue("conn_max_lifetime", limits.life().toNanos())
                .addKeyValue("ssl_cert", files.certificate().toString())
                .addKeyValue("ssl_key", files.key().toString())
                .addKeyValue("ssl_root_ca", files.authorities().toString())
                .log("Database configuration loaded");
        log.info()
                .addKeyValue("pattern", "spiffe-helper")
                .addKeyValue("event", "connection_attempt")
                .addKeyValue("target", address.host())
                .addKeyValue("spiffe_id", settings.self().toString())
                .log("Attempting connection");
        try {
            pool.ping();
        } catch (SQLException e) {
            pool.close();
            log.error().addKeyValue("error", e.getMessage()).log("Failed to connect to database");
            throw new StartException(e);
        }
        log.info().addKeyValue("pattern", "spiffe-helper").log("Database connection established successfully");
    }

    private static ConfigurableApplicationContext serve(BackendSettings settings, SessionPool pool, EventLog log) {
        var application = new SpringApplicationBuilder(BackendWeb.class)
                .web(WebApplicationType.SERVLET)
                .registerShutdownHook(false)
                .logStartupInfo(false)
                .initializers(context -> {
                    var beans = (GenericApplicationContext) context;
                    beans.registerBean(BackendSettings.class, () -> settings);
                    // Spring closes it after the web server
                    beans.registerBean(SessionPool.class, () -> pool);
                    beans.registerBean(EventLog.class, () -> log);
                })
                // arguments come before any environment variable that Spring might understand as its own
                .run(
                        "--spring.main.banner-mode=off",
                        "--server.address=" + settings.listenHost(),
                        "--server.port=" + settings.port(),
                        "--server.shutdown=graceful",
                        "--server.tomcat.connection-timeout=10s",
                        "--server.tomcat.keep-alive-timeout=60s",
                        "--spring.threads.virtual.enabled=true",
                        "--spring.lifecycle.timeout-per-shutdown-phase=" + STOP_WITHIN.toSeconds() + "s");
        log.info()
                .addKeyValue("port", String.valueOf(settings.port()))
                .addKeyValue("endpoints", List.of("/health", "/api/orders", "/api/demo"))
                .log("Backend HTTP server starting");
        return application;
    }

    /** The port that is listened on, also if the settings left it to the system. */
    public int port() {
        var server = ((WebServerApplicationContext) web).getWebServer();
        return server == null ? -1 : server.getPort();
    }

    /** Blocks until SIGTERM or SIGINT, then lets open requests finish. */
    public void untilStopped() throws Exception {
        new Stopping().await(() -> {
            log.info().log("Shutdown signal received");
            close();
            log.info().log("Backend service stopped gracefully");
        });
    }

    @Override
    public void close() {
        web.close();
    }
}
