// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.oidc.keys.KeySource;
import io.countersign.spiffe.TrustDomain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where the keys are: {@code server_api}, {@code workload_api} or {@code file}. */
final class SourceSection {
    private static final List<String> KEYS = List.of("server_api", "workload_api", "file");
    private static final String EXPECTED = "expected exactly one of server_api, workload_api and file";
    private static final Duration STANDARD_INTERVAL = Duration.ofSeconds(10);
    /** The forms of gRPC's name system {@code unix} (gRPC naming), where three slashes make a path absolute. */
    private static final Pattern ADDRESS = Pattern.compile("unix:(?://(?=/))?((?!//).+)");

    private final ConfigBlock root;

    SourceSection(ConfigBlock root) {
        this.root = root;
    }

    /** Nothing if there was a problem, which is noted. */
    Optional<KeySource> read() {
        var server = root.block("server_api").flatMap(SourceSection::server);
        var workload = root.block("workload_api").flatMap(SourceSection::workload);
        var file = root.block("file").flatMap(SourceSection::file);
        var given = KEYS.stream().filter(root::has).toList();
        if (given.isEmpty()) {
            root.problem("", "nothing says where the keys are, " + EXPECTED);
        }
        if (given.size() > 1) {
            root.problem(given.getLast(), "is given together with " + given.getFirst() + ", " + EXPECTED);
        }
        return server.or(() -> workload).or(() -> file);
    }

    private static Optional<KeySource> server(ConfigBlock block) {
        var interval = interval(block);
        refusePipe(block, "address");
        return Text.required(block, "address", "a server's socket, such as unix:///tmp/spire-server/private/api.sock")
                .flatMap(address -> {
                    var matcher = ADDRESS.matcher(address);
                    if (!matcher.matches()) {
                        block.problem("address", "\"" + address + "\" was found, expected unix:///path/of/the/socket");
                        return Optional.empty();
                    }
                    return Optional.of(new KeySource.ServerApi(Path.of(matcher.group(1)), interval));
                });
    }

    private static Optional<KeySource> workload(ConfigBlock block) {
        var interval = interval(block);
        refusePipe(block, "socket_path");
        var socket = Text.required(block, "socket_path", "an agent's socket")
                .map(path -> Path.of(path).toAbsolutePath());
        var trustDomain = Text.required(block, "trust_domain", "the trust domain whose keys are served")
                .flatMap(name -> trustDomain(block, name));
        return socket.flatMap(path -> trustDomain.map(domain -> new KeySource.WorkloadApi(path, domain, interval)));
    }

    private static Optional<TrustDomain> trustDomain(ConfigBlock block, String name) {
        try {
            return Optional.of(TrustDomain.parse(name));
        } catch (IllegalArgumentException e) {
            block.problem("trust_domain", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<KeySource> file(ConfigBlock block) {
        var interval = interval(block);
        return Text.required(block, "path", "a SPIFFE bundle document")
                .map(path -> new KeySource.BundleFile(Path.of(path), interval));
    }

    private static Duration interval(ConfigBlock block) {
        return Text.interval(block, "poll_interval", STANDARD_INTERVAL);
    }

    private static void refusePipe(ConfigBlock block, String instead) {
        block.block("experimental")
                .ifPresent(inner -> inner.refuse("named_pipe_name", "named pipes are Windows'; use " + instead));
    }
}
