// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import io.countersign.sidecar.json.Json;
import io.countersign.sidecar.sds.Secret;
import io.countersign.sidecar.sds.SecretSource;
import io.countersign.sidecar.tls.RefusedPeers.Refused;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Pages that Envoy does not have: whether this sidecar can prove who it is, and who could not. */
final class IdentityPages {
    private final AdminView view;
    private final InstantSource clock;

    IdentityPages(AdminView view, InstantSource clock) {
        this.view = view;
        this.clock = clock;
    }

    /**
     * 200 if connections are taken and every secret that the file names is there, valid and in use; a line for each of them, and
     * for each listener and cluster that cannot use its own.
     */
    Page ready() {
        var now = clock.instant();
        var unused = view.contexts().stream()
                .flatMap(context -> context.problem().stream()
                        .map(reason -> context.where() + ": cannot use the new secrets: " + reason + "\n"))
                .collect(Collectors.joining());
        boolean sound = view.lifecycle().live()
                && view.secrets().all().stream().allMatch(one -> isSound(one, now))
                && unused.isEmpty();
        var lines = view.secrets().all().stream().map(one -> line(one, now)).collect(Collectors.joining());
        return Page.status(sound ? 200 : 503, view.lifecycle().state() + "\n" + lines + unused);
    }

    private static boolean isSound(SecretSource one, Instant now) {
        return one.current()
                .filter(secret -> switch (secret) {
                    case Secret.Identity identity -> !now.isBefore(begin(identity)) && now.isBefore(end(identity));
                    case Secret.Trust trust -> true;
                })
                .isPresent();
    }

    private static String line(SecretSource one, Instant now) {
        var state = one.current()
                .map(secret -> switch (secret) {
                    case Secret.Identity identity
                    when now.isBefore(begin(identity)) -> "not valid before " + begin(identity);
                    case Secret.Identity identity ->
                        (now.isBefore(end(identity)) ? "valid until " : "expired at ") + end(identity);
                    case Secret.Trust trust -> "there";
                })
                .orElse("missing");
        return one.ref().name() + ": " + state + "\n";
    }

    private static Instant begin(Secret.Identity identity) {
        return identity.chain().getFirst().getNotBefore().toInstant();
    }

    private static Instant end(Secret.Identity identity) {
        return identity.chain().getFirst().getNotAfter().toInstant();
    }

    /** Newest first. */
    Page refusedPeers() {
        return Page.json(Json.write(Map.of(
                "refused_peers",
                view.refused().last().stream().map(IdentityPages::refused).toList())));
    }

    private static Map<String, Object> refused(Refused refused) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("for", refused.peer().where());
        result.put("shown", refused.peer().shown());
        result.put(
                "allowed",
                refused.peer().allowed().isEmpty()
                        ? List.of("*")
                        : refused.peer().allowed());
        result.put("reason", refused.peer().reason());
        result.put("first", refused.first().toString());
        result.put("latest", refused.latest().toString());
        result.put("times", refused.times());
        return result;
    }
}
