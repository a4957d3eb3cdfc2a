// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import io.countersign.stack.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** As whom the parts run, and how the agent tells them apart. */
public sealed interface Accounts {
    /** Nothing if the part runs as whoever has started all this. */
    Optional<Account> of(Role role);

    /** The selectors, as {@code type:value}, that this part's process has and no other part's. */
    List<String> selectors(Role role);

    /** The name by which PostgreSQL knows its owner. */
    String postgresOwner();

    /** Each part has a user of its own, whom the kernel vouches for. Parts that share files share the user. */
    record Separate(Account postgres) implements Accounts {
        private static final int FIRST = 70001;

        @Override
        public Optional<Account> of(Role role) {
            return Optional.of(
                    switch (role) {
                        case SERVER -> numbered(0);
                        case AGENT -> numbered(1);
                        case BACKEND, BACKEND_HELPER -> numbered(2);
                        case BACKEND_SIDECAR -> numbered(3);
                        case FRONTEND -> numbered(4);
                        case FRONTEND_SIDECAR -> numbered(5);
                        case INTRUDER -> numbered(6);
                        case POSTGRES, POSTGRES_HELPER -> postgres;
                    });
        }

        private static Account numbered(int offset) {
            int id = FIRST + offset;
            return new Account(Integer.toString(id), id, id);
        }

        @Override
        public List<String> selectors(Role role) {
            return List.of("unix:uid:" + of(role).orElseThrow().uid());
        }

        @Override
        public String postgresOwner() {
            return postgres.name();
        }
    }

    /** All parts run as one user, so a process can only be told from another by what it says of itself. */
    record Shared(Account user) implements Accounts {
        @Override
        public Optional<Account> of(Role role) {
            return Optional.empty();
        }

        @Override
        public List<String> selectors(Role role) {
            return List.of("unix:uid:" + user.uid(), "jvm:property:countersign.part:" + role.part());
        }

        @Override
        public String postgresOwner() {
            return user.name();
        }
    }

    /** Of this process: separate users if it may make its children somebody else. */
    static Accounts detect() throws IOException {
        int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        var users = users();
        if (uid != 0) {
            return new Shared(users.stream()
                    .filter(user -> user.uid() == uid)
                    .findFirst()
                    .orElseThrow(() -> new StackException("user " + uid
                            + " has no name in /etc/passwd, which PostgreSQL needs; run as a user that has one")));
        }
        // PostgreSQL refuses to be root, and wants a user that has a name
        for (var name : List.of("postgres", "nobody")) {
            var found = users.stream().filter(user -> user.name().equals(name)).findFirst();
            if (found.isPresent()) {
                return new Separate(found.get());
            }
        }
        throw new StackException("/etc/passwd has neither postgres nor nobody, expected one of them for PostgreSQL; "
                + "add a user postgres");
    }

    private static List<Account> users() throws IOException {
        var users = new ArrayList<Account>();
        for (var line : Files.readAllLines(Path.of("/etc/passwd"))) {
            var fields = line.split(":", -1);
            if (fields.length >= 4 && fields[2].matches("[0-9]{1,9}") && fields[3].matches("[0-9]{1,9}")) {
                users.add(new Account(fields[0], Integer.parseInt(fields[2]), Integer.parseInt(fields[3])));
            }
        }
        return users;
    }
}
