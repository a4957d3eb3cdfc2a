// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.spiffe.bundle.BundleSource;
import io.netty.channel.EventLoop;
import java.util.Optional;

/** The keys of one provider, from wherever they come. Thread-safe. */
sealed interface Keys {
    /** From the file or beside it. */
    record Fixed(Jwks jwks) implements Keys {}

    /** Over the network. */
    record Fetched(RemoteKeys remote) implements Keys {}

    /** By trust domain, from an agent. */
    record Bundles(BundleSource source) implements Keys {}

    /** Whether they are there, or cannot be had by waiting for {@link #fetch}. */
    default boolean isReady() {
        return switch (this) {
            case Fetched(RemoteKeys remote) -> remote.isFresh();
            case Fixed fixed -> true;
            case Bundles bundles -> true;
        };
    }

    /** @param done run on {@code loop} when they are there or cannot be had */
    default void fetch(EventLoop loop, Runnable done) {
        switch (this) {
            case Fetched(RemoteKeys remote) -> remote.fetch(loop, done);
            case Fixed fixed -> done.run();
            case Bundles bundles -> done.run();
        }
    }

    /** Of providers that have a key set. */
    default Optional<Jwks> current() {
        return switch (this) {
            case Fetched(RemoteKeys remote) -> remote.current();
            case Fixed(Jwks jwks) -> Optional.of(jwks);
            case Bundles bundles -> Optional.empty();
        };
    }
}
