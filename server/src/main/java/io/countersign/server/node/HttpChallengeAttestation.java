// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import com.google.re2j.Pattern;
import io.countersign.datastore.Selector;
import io.countersign.rpc.Peer;
import io.countersign.server.config.NodeAttestorSettings.HttpChallenge;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.json.Json;
import io.grpc.Status.Code;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * Lets a node in that can answer over HTTP at the host name that it says it has, as SPIRE's {@code NodeAttestor
 * "http_challenge"}: who controls the name and the port is the node.
 */
final class HttpChallengeAttestation implements NodeAttestor {
    static final String TYPE = "http_challenge";

    private static final Pattern AGENT_NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9-]{0,31}");
    private static final int FIRST_FREE_PORT = 1024;
    private static final int NONCE_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final HttpChallenge settings;
    private final TrustDomain trustDomain;
    private final ChallengeFetch fetch = new ChallengeFetch();

    HttpChallengeAttestation(HttpChallenge settings, TrustDomain trustDomain) {
        this.settings = settings;
        this.trustDomain = trustDomain;
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** Where the node says it answers. */
    record Place(String host, String agent, long port) {}

    @Override
    public Step begin(ByteString payload, Peer peer) {
        var place = place(payload);
        if (settings.requiredPort().isPresent()
                && place.port() != settings.requiredPort().getAsInt()) {
            throw invalid("port " + place.port() + " is not allowed to be used by this server");
        }
        if (!settings.anyPort() && place.port() >= FIRST_FREE_PORT) {
            throw invalid("port " + place.port() + " is not allowed to be >= " + FIRST_FREE_PORT);
        }
        if (!AGENT_NAME.matches(place.agent())) {
            throw invalid("agent name is not valid");
        }
        requireAllowed(place.host());
        var nonce = nonce();
        return new Step.Challenge(ByteString.copyFromUtf8("{\"nonce\":\"" + nonce + "\"}"), _ -> proven(place, nonce));
    }

    private static Place place(ByteString payload) {
        try {
            var data = Json.parse(payload.toByteArray());
            return new Place(
                    GoJson.text(GoJson.member(data, "hostname")),
                    GoJson.text(GoJson.member(data, "agentname")),
                    GoJson.wholeNumber(GoJson.member(data, "port")));
        } catch (IllegalArgumentException e) {
            throw invalid("failed to unmarshal data: " + e.getMessage());
        }
    }

    private void requireAllowed(String host) {
        if (host.equals("localhost")) {
            throw denied("you can not use localhost as a hostname");
        }
        if (!settings.allowedHosts().isEmpty()
                && settings.allowedHosts().stream()
                        .noneMatch(pattern -> pattern.matcher(host).find())) {
            throw denied("the requested hostname is not allowed to connect");
        }
    }

    private static String nonce() {
        var nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return Base64.getUrlEncoder().encodeToString(nonce);
    }

    /** What the node has said to the challenge counts for nothing: what counts is what is found at its place. */
    private Step proven(Place place, String nonce) {
        try {
            fetch.requireNonce(place, nonce);
        } catch (IOException | IllegalArgumentException e) {
            throw denied("challenge verification failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.of(TYPE, Code.CANCELLED, "the challenge was not verified to its end");
        }
        return new Step.Proven(
                agentId(place.host()),
                !settings.firstUseOnly(),
                Set.of(new Selector(TYPE, "hostname:" + place.host())),
                settings.firstUseOnly());
    }

    private SpiffeId agentId(String host) {
        try {
            return AgentIds.of(trustDomain, "/" + TYPE + "/" + host);
        } catch (IllegalArgumentException e) {
            throw Refusal.of(TYPE, Code.INTERNAL, "failed to make spiffe id: " + e.getMessage());
        }
    }

    private static RuntimeException invalid(String why) {
        return Refusal.of(TYPE, Code.INVALID_ARGUMENT, why);
    }

    private static RuntimeException denied(String why) {
        return Refusal.of(TYPE, Code.PERMISSION_DENIED, why);
    }
}
