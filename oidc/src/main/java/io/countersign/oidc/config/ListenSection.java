// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import io.countersign.launch.config.ConfigBlock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where to listen: {@code insecure_addr}, {@code listen_socket_path} or {@code serving_cert_file}. */
final class ListenSection {
    private static final String EXPECTED =
            "expected exactly one of insecure_addr, listen_socket_path and serving_cert_file";
    private static final Duration STANDARD_SYNC = Duration.ofMinutes(1);
    private static final String STANDARD_ADDRESS = ":443";

    private final ConfigBlock root;

    ListenSection(ConfigBlock root) {
        this.root = root;
    }

    /** Nothing if there was a problem, which is noted. */
    Optional<Listen> read() {
        var insecure = root.string("insecure_addr").flatMap(text -> address(root, "insecure_addr", text));
        var socket = root.string("listen_socket_path").map(Path::of);
        var files = root.block("serving_cert_file");
        var serving = files.flatMap(this::serving);
        var given = List.of("insecure_addr", "listen_socket_path", "serving_cert_file").stream()
                .filter(key -> key.equals("serving_cert_file")
                        ? files.isPresent()
                        : root.string(key).isPresent())
                .toList();
        if (given.isEmpty() && !root.has("acme")) {
            root.problem("", "nothing says where to listen, " + EXPECTED);
        }
        if (given.size() > 1) {
            root.problem(given.getLast(), "is given together with " + given.getFirst() + ", " + EXPECTED);
        }
        return serving.<Listen>map(listen -> listen)
                .or(() -> insecure.map(Listen.Insecure::new))
                .or(() -> socket.map(Listen.UnixSocket::new));
    }

    private Optional<Listen.ServingCertFile> serving(ConfigBlock block) {
        var certificates = file(block, "cert_file_path");
        var key = file(block, "key_file_path");
        var sync = Text.interval(block, "file_sync_interval", STANDARD_SYNC);
        var address = address(block, "addr", block.string("addr", STANDARD_ADDRESS));
        return certificates.flatMap(certificate ->
                key.flatMap(k -> address.map(where -> new Listen.ServingCertFile(certificate, k, sync, where))));
    }

    private static Optional<Path> file(ConfigBlock block, String key) {
        return Text.required(block, key, "a file").map(Path::of);
    }

    private static Optional<TcpAddress> address(ConfigBlock block, String key, String text) {
        try {
            return Optional.of(TcpAddress.parse(text));
        } catch (IllegalArgumentException e) {
            block.problem(key, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
