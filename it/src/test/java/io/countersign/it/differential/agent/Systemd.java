// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.process.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A real systemd, the first process of namespaces of its own, with a real message bus where programs look for the system's. It
 * knows no unit but these. Needs root.
 */
final class Systemd implements AutoCloseable {
    private static final String TARGET = "all.target";

    private final Path folder;
    private final Daemon outside;

    private Systemd(Path folder, Daemon outside) {
        this.folder = folder;
        this.outside = outside;
    }

    /** @param services the shell script of each, by the name of the unit without its ending */
    static Systemd start(Path folder, Map<String, String> services) throws IOException {
        Files.createDirectory(folder.resolve("units"));
        unit(folder, "dbus.socket", "", "[Socket]\nListenStream=/run/dbus/system_bus_socket");
        unit(folder, "dbus.service", "Requires=dbus.socket\nAfter=dbus.socket", """
                [Service]
                Type=notify
                NotifyAccess=main
                ExecStart=/usr/bin/dbus-daemon --config-file=/usr/share/dbus-1/system.conf --address=systemd: --nofork \
                --nopidfile --systemd-activation --syslog-only""");
        for (var service : services.entrySet()) {
            var name = service.getKey();
            var script = Files.writeString(folder.resolve(name + ".sh"), service.getValue());
            unit(folder, name + ".service", "After=dbus.service", """
                    [Service]
                    Environment=JAVA_HOME=%s
                    StandardOutput=append:%s
                    StandardError=inherit
                    ExecStart=/bin/sh %s""".formatted(
                            System.getProperty("java.home"), log(folder, name), script));
        }
        unit(
                folder,
                TARGET,
                "Wants=dbus.socket dbus.service " + String.join(".service ", services.keySet()) + ".service",
                "");
        return new Systemd(folder, run(folder));
    }

    /** Without the dependencies that systemd would add, by which it starts a whole machine. */
    private static void unit(Path folder, String name, String dependencies, String rest) throws IOException {
        Files.writeString(
                folder.resolve("units").resolve(name),
                "[Unit]\nDefaultDependencies=no\n" + dependencies + "\n\n" + rest + "\n");
    }

    private static Daemon run(Path folder) throws IOException {
        var script = folder.resolve("systemd.sh");
        try (var resource = Systemd.class.getResourceAsStream("systemd.sh")) {
            if (resource == null) {
                throw new IOException("systemd.sh is missing");
            }
            Files.copy(resource, script);
        }
        return Daemon.start(
                folder.resolve("systemd.log"), List.of("sh", script.toString(), folder.toString(), TARGET), Map.of());
    }

    private static Path log(Path folder, String service) {
        return folder.resolve(service + ".log");
    }

    /** The file that describes a service. */
    Path fragment(String service) {
        return folder.resolve("units").resolve(service + ".service");
    }

    /** What a service has said so far; nothing before it is started. */
    String said(String service) throws IOException {
        var log = log(folder, service);
        return Files.exists(log) ? Files.readString(log) : outside.log();
    }

    @Override
    public void close() throws InterruptedException {
        outside.close();
    }
}
