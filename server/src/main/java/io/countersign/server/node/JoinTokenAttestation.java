// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.datastore.Selector;
import io.countersign.datastore.entry.Created;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.datastore.node.JoinTokens;
import io.countersign.rpc.Peer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Tokens that let one node in, once. */
final class JoinTokenAttestation implements NodeAttestor {
    static final String TYPE = "join_token";

    private static final Status UNKNOWN = Status.INVALID_ARGUMENT.withDescription(
            "failed to attest: join token does not exist or has already been used");

    private final TrustDomain trustDomain;
    private final JoinTokens tokens;
    private final Entries entries;
    private final InstantSource clock;

    JoinTokenAttestation(TrustDomain trustDomain, JoinTokens tokens, Entries entries, InstantSource clock) {
        this.trustDomain = trustDomain;
        this.tokens = tokens;
        this.entries = entries;
        this.clock = clock;
    }

    /** A token, and when it ends. */
    record Token(String value, Instant expiresAt) {}

    /**
     * Makes one.
     *
     * @param wanted the token itself; empty for a random one
     * @param alias an ID that the node that comes with it is to have beside its own
     */
    Token create(String wanted, int seconds, Optional<SpiffeId> alias) {
        var token = wanted.isEmpty() ? UUID.randomUUID().toString() : wanted;
        SpiffeId agent;
        try {
            agent = agentId(token);
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("invalid token \"" + token + "\": " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
        var expiresAt = clock.instant().plusSeconds(seconds);
        if (!tokens.create(token, expiresAt)) {
            throw Status.ALREADY_EXISTS
                    .withDescription("failed to create token: there is one with that value")
                    .asRuntimeException();
        }
        alias.ifPresent(id -> addAlias(token, agent, id));
        return new Token(token, expiresAt);
    }

    private void addAlias(String token, SpiffeId agent, SpiffeId alias) {
        var entry = new RegistrationEntry(
                UUID.randomUUID().toString(),
                alias,
                agent,
                Set.of(new Selector("spiffe_id", agent.toString())),
                Terms.STANDARD,
                Optional.empty(),
                0,
                clock.instant());
        switch (entries.create(entry)) {
            case Created.Fresh _ -> {}
            case Created.Similar _, Created.Taken _ -> {
                // nobody has been told of it
                var _ = tokens.redeem(token);
                throw Status.ALREADY_EXISTS
                        .withDescription("failed to create token: its entry is there already")
                        .asRuntimeException();
            }
            case Created.UnknownBundle(var domain) ->
                throw new IllegalStateException("an alias federates with nobody, but was refused for " + domain);
        }
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Step begin(ByteString payload, Peer peer) {
        return new Step.Proven(redeem(payload.toStringUtf8()), false, Set.of());
    }

    /**
     * Takes a token and says which agent came with it.
     *
     * @throws io.grpc.StatusRuntimeException if it was never made, has been used or has ended
     */
    private SpiffeId redeem(String token) {
        SpiffeId agent;
        try {
            agent = agentId(token);
        } catch (IllegalArgumentException e) {
            // none was made with that name; a database may not even take it for a text
            throw UNKNOWN.withCause(e).asRuntimeException();
        }
        var expiresAt = tokens.redeem(token).orElseThrow(() -> UNKNOWN.asRuntimeException());
        if (!expiresAt.isAfter(clock.instant())) {
            throw refused("join token expired");
        }
        return agent;
    }

    private SpiffeId agentId(String token) {
        return SpiffeId.of(trustDomain, "/spire/agent/" + TYPE + "/" + token);
    }

    private static RuntimeException refused(String why) {
        return Status.INVALID_ARGUMENT.withDescription(why).asRuntimeException();
    }
}
