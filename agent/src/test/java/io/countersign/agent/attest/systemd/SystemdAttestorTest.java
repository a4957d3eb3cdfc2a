// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.countersign.agent.attest.container.ControlGroups;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over a bus that a real dbus-daemon serves; the manager behind it is an imitation. */
final class SystemdAttestorTest {
    private static final Path DAEMON = Path.of("/usr/bin/dbus-daemon");

    @TempDir
    private Path folder;

    private static Optional<String> unit(String... paths) {
        return UnitName.of(new ControlGroups(List.of(paths)));
    }

    private static Selector systemd(String value) {
        return new Selector("systemd", value);
    }

    @Test
    void unitsAreTheFirstNameBelowTheSlices() {
        assertEquals(Optional.of("ssh.service"), unit("/", "/system.slice/ssh.service"));
        assertEquals(Optional.of("getty@tty1.service"), unit("/system.slice/system-getty.slice/getty@tty1.service"));
        assertEquals(
                Optional.of("user@1000.service"),
                unit("/user.slice/user-1000.slice/user@1000.service/app.slice/my.service"));
        assertEquals(Optional.of("session-3.scope"), unit("/user.slice/user-1000.slice/session-3.scope"));
        assertEquals(Optional.of("init.scope"), unit("/init.scope"));
        assertEquals(Optional.of("cpu.service"), unit("/system.slice/_cpu.service"));
        assertEquals(Optional.empty(), unit("/"));
        assertEquals(Optional.empty(), unit("/user.slice"));
        assertEquals(Optional.empty(), unit("/docker/abc"));
    }

    @Test
    void withoutABusTheControlGroupNamesTheUnit() throws Exception {
        Files.createDirectories(folder.resolve("7"));
        Files.writeString(folder.resolve("7/cgroup"), "0::/system.slice/shop.service\n");
        var attestor = new SystemdAttestor(folder.resolve("none"), folder);
        assertEquals(
                Set.of(systemd("id:shop.service")),
                attestor.attest(new Peer.LocalProcess(7, 0, 0, 1)).keySet());
    }

    @Test
    void managerIsAskedOverTheBus() throws Exception {
        assumeTrue(Files.isExecutable(DAEMON), "there is no dbus-daemon here");
        try (var bus = TestBus.start(DAEMON, folder);
                var manager = TestManager.serve(bus.socket())) {
            var attestor = new SystemdAttestor(bus.socket(), folder);

            assertEquals(
                    Set.of(systemd("id:shop.service"), systemd("fragment_path:/etc/systemd/system/shop.service")),
                    attestor.attest(new Peer.LocalProcess(TestManager.KNOWN, 0, 0, 1))
                            .keySet());
            refused("org.freedesktop.systemd1.NoUnitForPID", attestor, 8);
            manager.close();
            refused("org.freedesktop.DBus.Error.", attestor, TestManager.KNOWN);
        }
    }

    private static void refused(String words, SystemdAttestor attestor, int pid) {
        var refused = assertThrows(IOException.class, () -> attestor.attest(new Peer.LocalProcess(pid, 0, 0, 1)));
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
