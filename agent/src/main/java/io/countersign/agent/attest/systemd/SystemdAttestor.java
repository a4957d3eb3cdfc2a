// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.systemd;

import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.WorkloadAttestor;
import io.countersign.agent.attest.container.ControlGroups;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The {@code systemd} attestor: the unit of a process and the file that describes it, as the manager says over the system's
 * message bus. Without a bus there is the unit alone, by the name of the process's control group.
 *
 * @param bus the socket of the system's bus
 * @param proc the folder {@code /proc}
 */
public record SystemdAttestor(Path bus, Path proc) implements WorkloadAttestor {
    public static final String NAME = "systemd";
    public static final Path SYSTEM_BUS = Path.of("/run/dbus/system_bus_socket");

    private static final String SERVICE = "org.freedesktop.systemd1";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException {
        var found = new HashMap<Selector, Assurance>();
        if (!Files.exists(bus)) {
            UnitName.of(ControlGroups.of(proc, process.pid())).ifPresent(unit -> note(found, "id", unit));
            return found;
        }
        try (var manager = SystemBus.connect(bus)) {
            var unit = manager.call(
                    SERVICE,
                    "/org/freedesktop/systemd1",
                    SERVICE + ".Manager",
                    "GetUnitByPID",
                    new DBusMessage.Argument.Unsigned(process.pid()));
            note(found, "id", property(manager, unit, "Id"));
            note(found, "fragment_path", property(manager, unit, "FragmentPath"));
        }
        return found;
    }

    private static String property(SystemBus manager, String unit, String name) throws IOException {
        return manager.call(
                SERVICE,
                unit,
                "org.freedesktop.DBus.Properties",
                "Get",
                new DBusMessage.Argument.Text(SERVICE + ".Unit"),
                new DBusMessage.Argument.Text(name));
    }

    private static void note(Map<Selector, Assurance> found, String key, String value) {
        found.put(new Selector(NAME, key + ":" + value), Assurance.VOUCHED);
    }
}
