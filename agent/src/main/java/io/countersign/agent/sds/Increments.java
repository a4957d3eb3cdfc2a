// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import com.google.protobuf.Any;
import io.countersign.agent.identity.Snapshot;
import io.countersign.sdsapi.core.Node;
import io.countersign.sdsapi.discovery.DeltaDiscoveryRequest;
import io.countersign.sdsapi.discovery.DeltaDiscoveryResponse;
import io.countersign.sdsapi.discovery.Resource;
import io.grpc.Status;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Each answer has the secrets that are new to the client, and names those that are gone (xDS protocol, "Incremental xDS"). A
 * client that names nothing in its first request, or {@code *} in any, gets all of the caller's.
 */
final class Increments implements SecretStream.Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private static final String ALL = "*";
    /** More than a proxy has, and less than a client that names and names could fill the heap with. */
    private static final int MOST_NAMES = 4_096;

    private final Selection selection;
    private final Complaints complaints;
    private final Set<String> names = new LinkedHashSet<>();
    /** What the client has, by name. */
    private final Map<String, String> versions = new HashMap<>();

    private Optional<Node> node = Optional.empty();
    private boolean all;
    private long version;

    Increments(Selection selection, Complaints complaints) {
        this.selection = selection;
        this.complaints = complaints;
    }

    @Override
    public boolean hear(DeltaDiscoveryRequest request) {
        SecretType.require(request.getTypeUrl());
        if (request.hasErrorDetail()) {
            complaints.hear(request.getResponseNonce(), request.getErrorDetail().getMessage());
        }
        boolean first = node.isEmpty();
        if (first) {
            node = Optional.of(request.getNode());
            all = request.getResourceNamesSubscribeCount() == 0;
            // of a stream before this one
            versions.putAll(request.getInitialResourceVersionsMap());
        }
        for (var name : request.getResourceNamesUnsubscribeList()) {
            leave(name);
        }
        for (var name : request.getResourceNamesSubscribeList()) {
            join(name, first);
        }
        return first || request.getResourceNamesSubscribeCount() > 0 || request.getResourceNamesUnsubscribeCount() > 0;
    }

    private void join(String name, boolean first) {
        if (name.equals(ALL)) {
            all = true;
        } else {
            if (names.size() == MOST_NAMES && !names.contains(name)) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("a stream names " + MOST_NAMES + " secrets at most; open another one for more")
                        .asRuntimeException();
            }
            names.add(name);
            if (!first) {
                // whoever asks for it again has lost it
                versions.remove(name);
            }
        }
    }

    private void leave(String name) {
        if (name.equals(ALL)) {
            all = false;
            versions.keySet().retainAll(names);
        } else {
            names.remove(name);
            versions.remove(name);
        }
    }

    @Override
    public Optional<DeltaDiscoveryResponse> say(Snapshot snapshot) {
        if (node.isEmpty() || (!all && names.isEmpty())) {
            return Optional.empty();
        }
        var secrets = selected(snapshot, node.get());
        if (secrets.isEmpty()) {
            return Optional.empty();
        }
        var response = DeltaDiscoveryResponse.newBuilder();
        secrets.get().forEach((name, secret) -> {
            var now = versionOf(secret);
            if (!now.equals(versions.put(name, now))) {
                response.addResources(
                        Resource.newBuilder().setName(name).setVersion(now).setResource(secret));
            }
        });
        versions.keySet().stream()
                .filter(name -> !secrets.get().containsKey(name))
                .forEach(response::addRemovedResources);
        versions.keySet().retainAll(secrets.get().keySet());
        if (response.getResourcesCount() == 0 && response.getRemovedResourcesCount() == 0) {
            return Optional.empty();
        }
        var nonce = Nonce.next();
        complaints.answered(nonce);
        return Optional.of(response.setTypeUrl(SecretType.URL)
                .setSystemVersionInfo(Long.toString(++version))
                .setNonce(nonce)
                .build());
    }

    private Optional<Map<String, Any>> selected(Snapshot snapshot, Node of) {
        if (!all) {
            return selection.select(snapshot, of, names);
        }
        var everything = selection.select(snapshot, of, Set.of());
        if (everything.isEmpty() || names.isEmpty()) {
            return everything;
        }
        return selection.select(snapshot, of, names).map(named -> {
            var both = new HashMap<>(everything.get());
            both.putAll(named);
            return both;
        });
    }

    /** The same for the same secret, so that a client that comes again is told only what is new. */
    private static String versionOf(Any secret) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(secret.getValue().toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
