// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import io.countersign.frontend.web.FrontendWeb;
import io.countersign.launch.EventLog;
import io.countersign.launch.Log;
import io.countersign.launch.Stopping;
import java.util.List;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** A running frontend. */
public final class Frontend implements AutoCloseable {
    /** The frontend could not start; the reason has been logged. */
    static final class StartException extends RuntimeException {
        StartException(Throwable cause) {
            super(cause);
        }
    }

    private final ConfigurableApplicationContext web;
    private final EventLog log;

    private Frontend(ConfigurableApplicationContext web, EventLog log) {
        this.web = web;
        this.log = log;
    }

    /** Returns when requests are answered. */
    public static Frontend start(FrontendSettings settings) {
        // our own set-up, before Spring makes its
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        Log.configureForStandardOutput(settings.log());
        // Tomcat speaks through java.util.logging
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        var log = new EventLog("frontend");
        log.info().log("Starting frontend service");
        try {
            var web = serve(settings, log);
            log.info()
                    .addKeyValue("port", String.valueOf(settings.listen().port()))
                    .addKeyValue("endpoints", List.of("/", "/static/*", "/api/demo", "/api/break-in", "/health"))
                    .log("Frontend HTTP server starting");
            return new Frontend(web, log);
        } catch (RuntimeException e) {
            log.error().addKeyValue("error", String.valueOf(e.getMessage())).log("Server error");
            throw new StartException(e);
        }
    }

    private static ConfigurableApplicationContext serve(FrontendSettings settings, EventLog log) {
        return new SpringApplicationBuilder(FrontendWeb.class)
                .web(WebApplicationType.SERVLET)
                .registerShutdownHook(false)
                .logStartupInfo(false)
                .initializers(context -> {
                    var beans = (GenericApplicationContext) context;
                    beans.registerBean(FrontendSettings.class, () -> settings);
                    beans.registerBean(EventLog.class, () -> log);
                })
                // arguments come before any environment variable that Spring might understand as its own
                .run(
                        "--spring.main.banner-mode=off",
                        "--server.address=" + settings.listen().host(),
                        "--server.port=" + settings.listen().port(),
                        "--server.shutdown=graceful",
                        "--server.tomcat.connection-timeout=10s",
                        "--server.tomcat.keep-alive-timeout=60s",
                        "--spring.threads.virtual.enabled=true",
                        "--spring.lifecycle.timeout-per-shutdown-phase=10s");
    }

    /** The port that is listened on. */
    public int port() {
        var server = ((WebServerApplicationContext) web).getWebServer();
        return server == null ? -1 : server.getPort();
    }

    /** Blocks until SIGTERM or SIGINT, then lets open requests finish. */
    public void untilStopped() throws Exception {
        new Stopping().await(() -> {
            log.info().log("Shutdown signal received");
            close();
            log.info().log("Frontend service stopped gracefully");
        });
    }

    @Override
    public void close() {
        web.close();
    }
}
