// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.keys;

import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.types.BundleMask;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.spiffe.bundle.InvalidBundleException;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a SPIRE server for its bundle. A key that cannot be read is left out and does not take the others with it. */
final class ServerFetch implements KeyFetch {
    private static final Logger log = LoggerFactory.getLogger(ServerFetch.class);
    private static final long PATIENCE_SECONDS = 30;

    private final ManagedChannel channel;

    ServerFetch(Path socket) {
        channel = RpcChannels.unix(socket);
    }

    @Override
    public List<JwtAuthority> fetch() throws IOException {
        var request = GetBundleRequest.newBuilder()
                .setOutputMask(BundleMask.newBuilder().setJwtAuthorities(true))
                .build();
        try {
            var bundle = BundleGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .getBundle(request);
            return bundle.getJwtAuthoritiesList().stream()
                    .flatMap(key -> authority(key).stream())
                    .toList();
        } catch (StatusRuntimeException e) {
            throw new IOException(
                    "Failed to fetch bundle: " + e.getStatus().getCode() + ": "
                            + e.getStatus().getDescription(),
                    e);
        }
    }

    private static Optional<JwtAuthority> authority(JWTKey key) {
        try {
            return Optional.of(
                    JwtAuthority.parse(key.getKeyId(), key.getPublicKey().toByteArray()));
        } catch (InvalidBundleException e) {
            log.atWarn()
                    .addKeyValue("kid", key.getKeyId())
                    .addKeyValue("error", e.getMessage())
                    .log("Malformed public key in bundle");
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
