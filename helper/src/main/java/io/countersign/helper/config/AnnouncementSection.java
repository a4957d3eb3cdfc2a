// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.notify.Announcement;
import io.countersign.helper.notify.CommandNotice;
import io.countersign.helper.notify.HttpNotice;
import io.countersign.helper.notify.Notice;
import io.countersign.helper.notify.Proof;
import io.countersign.helper.notify.SignalNotice;
import io.countersign.launch.config.ConfigBlock;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The blocks {@code notify} and {@code proven_by} of an identity. */
record AnnouncementSection(ConfigBlock block, boolean daemon) {
    private static final List<String> KINDS = List.of("pid_file", "command", "url");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int LAST_PORT = 65535;
    private static final int LAST_STATUS = 599;

    Announcement read() {
        var notices = new ArrayList<Notice>();
        for (var each : block.blocks("notify")) {
            notice(each).ifPresent(notices::add);
        }
        var proof = block.block("proven_by").flatMap(this::proof);
        var announcement = new Announcement(notices, proof);
        if (!daemon && (block.has("notify") || block.has("proven_by"))) {
            block.problem(
                    block.has("notify") ? "notify" : "proven_by",
                    "works in daemon mode only; remove it or set daemon_mode = true");
        }
        return announcement;
    }

    private static Optional<Notice> notice(ConfigBlock block) {
        if (block.has("sql")) {
            block.problem(
                    "sql",
                    "is not built in; write command = [\"psql\", \"-c\", \"select pg_reload_conf()\"], and proven_by"
                            + " with protocol = \"postgresql\", since that function succeeds whatever becomes of the files");
            return Optional.empty();
        }
        var kinds = KINDS.stream().filter(block::has).toList();
        if (kinds.size() != 1) {
            block.problem("", "%s found, expected one of %s".formatted(kinds, KINDS));
            return Optional.empty();
        }
        return switch (kinds.getFirst()) {
            case "pid_file" -> signal(block);
            case "command" -> command(block);
            default -> post(block);
        };
    }

    private static Optional<Notice> signal(ConfigBlock block) {
        var signal = SignalKey.read(block, "signal");
        if (!block.has("signal")) {
            block.problem("signal", "is missing, expected a name such as SIGHUP");
        }
        return signal.map(found -> new SignalNotice(Path.of(block.string("pid_file", "")), found));
    }

    private static Optional<Notice> command(ConfigBlock block) {
        var words = block.strings("command");
        var limit = limit(block);
        if (words.isEmpty()) {
            block.problem(
                    "command", "is empty, expected a program and its arguments, such as [\"pg_ctl\", \"reload\"]");
            return Optional.empty();
        }
        return Optional.of(new CommandNotice(words, limit));
    }

    private static Optional<Notice> post(ConfigBlock block) {
        var text = block.string("url", "");
        var limit = limit(block);
        int status = block.integer("expect_status", 0);
        if (status < 0 || status > LAST_STATUS) {
            block.problem("expect_status", status + " is no HTTP status, expected 100 to " + LAST_STATUS);
        }
        try {
            var url = new URI(text);
            if (Set.of("http", "https").contains(String.valueOf(url.getScheme())) && url.getHost() != null) {
                return Optional.of(
                        new HttpNotice(url, status == 0 ? OptionalInt.empty() : OptionalInt.of(status), limit));
            }
        } catch (URISyntaxException e) {
            block.problem("url", "\"" + text + "\" is no URL: " + e.getReason());
            return Optional.empty();
        }
        block.problem("url", "\"" + text + "\" was found, expected http:// or https:// and a host");
        return Optional.empty();
    }

    private Optional<Proof> proof(ConfigBlock proof) {
        var address = proof.string("address", "");
        var protocol = protocol(proof);
        var name = proof.string("server_name");
        var limit = limit(proof);
        int colon = address.lastIndexOf(':');
        var port = colon < 1 ? OptionalInt.empty() : port(address.substring(colon + 1));
        if (port.isEmpty()) {
            proof.problem("address", "\"" + address + "\" was found, expected host:port");
            return Optional.empty();
        }
        var host = address.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        return Optional.of(new Proof(host, port.getAsInt(), protocol, name, limit));
    }

    private static Proof.Protocol protocol(ConfigBlock proof) {
        var word = proof.string("protocol", "tls");
        return switch (word) {
            case "tls" -> Proof.Protocol.TLS;
            case "postgresql" -> Proof.Protocol.POSTGRESQL;
            default -> {
                proof.problem("protocol", "\"" + word + "\" is not known, expected tls or postgresql");
                yield Proof.Protocol.TLS;
            }
        };
    }

    private static OptionalInt port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port > 0 && port <= LAST_PORT ? OptionalInt.of(port) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    private static Duration limit(ConfigBlock block) {
        var limit = block.duration("timeout", LIMIT);
        if (!limit.isPositive() || limit.compareTo(LONGEST) > 0) {
            block.problem(
                    "timeout", "is out of range, expected more than 0s and at most 5m: no file is renewed meanwhile");
            return LIMIT;
        }
        return limit;
    }
}
