// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The folder that holds everything which survives a stop, and where in it each thing is. */
public record Layout(Path root) {
    private static final String PRIVATE = "rwx------";
    private static final String PUBLIC = "rwxr-xr-x";

    public Path serverSocket() {
        return root.resolve("server/private/api.sock");
    }

    public Path agentSocket() {
        return root.resolve("agent/public/api.sock");
    }

    public Path bundleFile() {
        return root.resolve("agent/bundle.pem");
    }

    public Path tokenFile() {
        return root.resolve("agent/data/join_token");
    }

    public Path serverData() {
        return root.resolve("server/data");
    }

    public Path agentData() {
        return root.resolve("agent/data");
    }

    /** The three files that a helper writes. */
    public Path certificates(Role owner) {
        return root.resolve(owner.part()).resolve("certs");
    }

    public Path postgresData() {
        return root.resolve("postgres/data");
    }

    public Path postgresRun() {
        return root.resolve("postgres/run");
    }

    public Path postgresPidFile() {
        return postgresRun().resolve("pid");
    }

    public Path config(Role role, String name) {
        return root.resolve(role.part()).resolve(name);
    }

    public Path accessLog(Role sidecar) {
        return root.resolve(sidecar.part()).resolve("log/access.log");
    }

    /** Emptied before each run. */
    public Path scratch(Role role) {
        return root.resolve(role.part()).resolve("scratch");
    }

    public Path log(Role role) {
        return root.resolve("logs").resolve(role.part() + ".log");
    }

    /** Makes the folders and gives each to the user of the part that writes in it. */
    public void create(Accounts accounts) throws IOException {
        folder(root, PUBLIC, Optional.empty());
        folder(root.resolve("logs"), PUBLIC, Optional.empty());
        for (var role : Role.values()) {
            folder(root.resolve(role.part()), PUBLIC, accounts.of(role));
            Folders.delete(scratch(role));
            folder(scratch(role), PRIVATE, accounts.of(role));
        }
        folder(serverData(), PRIVATE, accounts.of(Role.SERVER));
        folder(root.resolve("server/private"), PRIVATE, accounts.of(Role.SERVER));
        folder(agentData(), PRIVATE, accounts.of(Role.AGENT));
        folder(root.resolve("agent/public"), PUBLIC, accounts.of(Role.AGENT));
        folder(certificates(Role.BACKEND), PRIVATE, accounts.of(Role.BACKEND));
        folder(certificates(Role.POSTGRES), PRIVATE, accounts.of(Role.POSTGRES));
        folder(postgresRun(), PRIVATE, accounts.of(Role.POSTGRES));
        folder(root.resolve("frontend-sidecar/log"), PUBLIC, accounts.of(Role.FRONTEND_SIDECAR));
        folder(root.resolve("backend-sidecar/log"), PUBLIC, accounts.of(Role.BACKEND_SIDECAR));
    }

    private static void folder(Path path, String mode, Optional<Account> owner) throws IOException {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        if (owner.isPresent()) {
            owner.get().own(path);
        }
    }

    /** Writes a file that only its owner may read, whole or not at all. */
    public static void writePrivately(Path file, String text, Optional<Account> owner) throws IOException {
        var next = file.resolveSibling(file.getFileName() + ".next");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(next, text);
        if (owner.isPresent()) {
            owner.get().own(next);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
