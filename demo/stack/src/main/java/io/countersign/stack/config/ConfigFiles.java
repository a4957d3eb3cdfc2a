// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.config;

import io.countersign.stack.UpOptions;
import io.countersign.stack.layout.Accounts;
import io.countersign.stack.layout.Identities;
import io.countersign.stack.layout.Layout;
import io.countersign.stack.layout.Ports;
import io.countersign.stack.layout.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;

/** Writes the parts' configuration files, which are those that the originals would read. */
public final class ConfigFiles {
    private static final String JVM_ATTESTOR = """
              WorkloadAttestor "jvm" {
                plugin_data {}
              }""";

    private final Layout layout;
    private final Accounts accounts;
    private final UpOptions options;
    private final Ports ports;
    private final Identities identities;

    public ConfigFiles(Layout layout, Accounts accounts, UpOptions options, Identities identities) {
        this.layout = layout;
        this.accounts = accounts;
        this.options = options;
        this.ports = options.ports();
        this.identities = identities;
    }

    public void write() throws IOException {
        write(Role.SERVER, "server.conf", Map.of());
        var attestors = switch (accounts) {
            case Accounts.Separate _ -> "";
            case Accounts.Shared _ -> JVM_ATTESTOR;
        };
        write(Role.AGENT, "agent.conf", Map.of("MORE_ATTESTORS", attestors));
        write(
                Role.BACKEND_HELPER,
                "backend-helper.conf",
                Map.of(
                        "CERTIFICATE_DIRECTORY",
                        layout.certificates(Role.BACKEND).toString()));
        write(
                Role.POSTGRES_HELPER,
                "postgres-helper.conf",
                Map.of(
                        "CERTIFICATE_DIRECTORY",
                        layout.certificates(Role.POSTGRES).toString()));
        write(
                Role.FRONTEND_SIDECAR,
                "frontend-envoy.yaml",
                Map.of(
                        "ADMIN_PORT", Integer.toString(ports.frontendSidecarAdmin()),
                        "LISTEN_PORT", Integer.toString(ports.frontendSidecar()),
                        "ACCESS_LOG", layout.accessLog(Role.FRONTEND_SIDECAR).toString(),
                        "EXPECTED_ID", identities.backend().toString(),
                        "UPSTREAM_HOST", "127.0.0.1",
                        "UPSTREAM_PORT", Integer.toString(ports.backendSidecar()),
                        "IDLE_LIFE", Long.toString(options.idleLife().toSeconds())));
        write(
                Role.BACKEND_SIDECAR,
                "backend-envoy.yaml",
                Map.of(
                        "ADMIN_PORT", Integer.toString(ports.backendSidecarAdmin()),
                        "LISTEN_PORT", Integer.toString(ports.backendSidecar()),
                        "ACCESS_LOG", layout.accessLog(Role.BACKEND_SIDECAR).toString(),
                        "ALLOWED_ID", identities.frontend().toString(),
                        "UPSTREAM_HOST", "127.0.0.1",
                        "UPSTREAM_PORT", Integer.toString(ports.backend()),
                        "CONNECTION_LIFE",
                                Long.toString(options.connectionLife().toSeconds())));
    }

    private void write(Role role, String template, Map<String, String> own) throws IOException {
        var values = new HashMap<>(own);
        values.put("TRUST_DOMAIN", options.trustDomain().name());
        values.put("SERVER_PORT", Integer.toString(ports.server()));
        values.put("SERVER_SOCKET", layout.serverSocket().toString());
        values.put("SERVER_DATA", layout.serverData().toString());
        values.put("SVID_TTL", Long.toString(options.svidLife().toSeconds()));
        values.put("AGENT_SOCKET", layout.agentSocket().toString());
        values.put("AGENT_DATA", layout.agentData().toString());
        values.put("BUNDLE_FILE", layout.bundleFile().toString());
        values.put("TOKEN_FILE", layout.tokenFile().toString());
        values.put("PID_FILE", layout.postgresPidFile().toString());
        Files.writeString(layout.config(role, name(template)), Template.fill(template, values));
    }

    /** The name that the original's users know: there is one such file in each part's folder. */
    public static String name(String template) {
        return template.endsWith("-envoy.yaml")
                ? "envoy.yaml"
                : template.endsWith("-helper.conf") ? "helper.conf" : template;
    }
}
