// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

import io.countersign.stack.layout.Account;
import io.countersign.stack.layout.Accounts;
import io.countersign.stack.layout.Identities;
import io.countersign.stack.layout.Layout;
import io.countersign.stack.layout.Role;
import io.countersign.stack.process.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Scripts with which somebody starts the parts one by one, each with the very command that {@code up} would use. */
final class ByHand {
    private final Layout layout;
    private final Accounts accounts;
    private final Identities identities;
    private final Parts parts;

    ByHand(Layout layout, Accounts accounts, Identities identities, Parts parts) {
        this.layout = layout;
        this.accounts = accounts;
        this.identities = identities;
        this.parts = parts;
    }

    /** Gives their paths in the order in which they are to be started, a line each, below a word for people. */
    String write(List<Part> rest) throws IOException {
        var said = new StringBuilder("start these in this order, each when the one before it is ready, all but "
                + "\"register\" in a terminal of its own:\n");
        said.append(start(parts.server())).append('\n');
        said.append(register()).append('\n');
        for (var part : rest) {
            said.append(start(part)).append('\n');
        }
        return said.toString();
    }

    private Path start(Part part) throws IOException {
        var words = new ArrayList<>(List.of("env"));
        new TreeMap<>(part.environment()).forEach((name, value) -> words.add(name + "=" + value));
        words.addAll(part.account().map(Account::prefix).orElse(List.of()));
        words.addAll(part.command());
        return script(
                layout.root().resolve(part.role().part()).resolve("start"),
                "Starts the " + part.role() + ".",
                "cd " + quoted(part.folder().toString()) + "\nexec " + line(words) + "\n");
    }

    /** Once the server runs, and again each time before an agent starts that has lost what it knew. */
    private Path register() throws IOException {
        var body = new StringBuilder();
        body.append(server("bundle", "show"))
                .append(" > ")
                .append(quoted(layout.bundleFile().toString()))
                .append('\n');
        new TreeMap<>(identities.byRole()).forEach((role, id) -> {
            var who = List.of("-parentID", identities.node().toString(), "-spiffeID", id.toString());
            var selectors = accounts.selectors(role).stream()
                    .flatMap(selector -> List.of("-selector", selector).stream())
                    .toList();
            body.append("case \"$(")
                    .append(server("entry", "count", who, selectors))
                    .append(")\" in 0\\ *) ");
            body.append(server("entry", "create", who, selectors)).append(" ;; esac\n");
        });
        body.append("token=$(")
                .append(server(
                        "token",
                        "generate",
                        List.of("-spiffeID", identities.node().toString())))
                .append(" | sed -n 's/^Token: //p')\n");
        var file = quoted(layout.tokenFile().toString());
        body.append("(umask 077 && printf %s \"$token\" > ").append(file).append(")\n");
        accounts.of(Role.AGENT)
                .ifPresent(agent -> body.append("chown %d:%d %s\n".formatted(agent.uid(), agent.gid(), file)));
        return script(
                layout.root().resolve("register"),
                "Says who may have which identity, and lets an agent in. The server must run.",
                body.toString());
    }

    @SafeVarargs
    private String server(String noun, String verb, List<String>... flags) {
        var words = new ArrayList<>(
                List.of(noun, verb, "-socketPath", layout.serverSocket().toString()));
        for (var some : flags) {
            words.addAll(some);
        }
        return line(parts.serverCommand(words));
    }

    private static Path script(Path file, String purpose, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n# " + purpose + "\nset -eu\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private static String line(List<String> words) {
        return words.stream().map(ByHand::quoted).collect(Collectors.joining(" "));
    }

    /** As one word for a shell, whatever is in it. */
    static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
