// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.Side;
import java.util.HashMap;
import java.util.Map;

/**
 * Both sidecars once more, with the file of filters, and beside each the service that it asks; both know the keys of one issuer of
 * tokens, and follow the same secrets in files.
 */
final class Filters implements AutoCloseable {
    private final Issuer issuer;
    private final Documents documents;
    private final Guarded ours;
    private final Guarded original;

    record Guarded(Running sidecar, Authorizer authorizer) implements AutoCloseable {
        /** @param file whose cluster of authorizers is a socket beside the logs */
        static Guarded start(Side side, Ground ground, String file, Map<String, String> values) throws Exception {
            var sidecar = Running.start(side, ground.folder, SidecarDifferentialTest.resource(file), values);
            try {
                return new Guarded(sidecar, Authorizer.open(sidecar.folder().resolve("authz.sock")));
            } catch (Exception | AssertionError e) {
                sidecar.close();
                throw e;
            }
        }

        @Override
        public void close() throws Exception {
            sidecar.close();
            authorizer.close();
        }
    }

    private Filters(Issuer issuer, Documents documents, Guarded ours, Guarded original) {
        this.issuer = issuer;
        this.documents = documents;
        this.ours = ours;
        this.original = original;
    }

    static Filters start(Ground ground, Map<String, String> values) throws Exception {
        var issuer = Issuer.open();
        var all = new HashMap<>(values);
        var documents = Documents.write(ground);
        all.put("documents", documents.folder().toString());
        all.put("jwks", issuer.jwks());
        all.put("keys", String.valueOf(issuer.port()));
        try {
            var both = Pair.together(
                    () -> Guarded.start(Side.OURS, ground, "filters.yaml", all),
                    () -> Guarded.start(Side.ORIGINAL, ground, "filters.yaml", all));
            return new Filters(issuer, documents, both.getKey(), both.getValue());
        } catch (Exception | AssertionError e) {
            issuer.close();
            throw e;
        }
    }

    Documents documents() {
        return documents;
    }

    Issuer issuer() {
        return issuer;
    }

    Guarded of(Side side) {
        return side == Side.OURS ? ours : original;
    }

    @Override
    public void close() throws Exception {
        ours.close();
        original.close();
        issuer.close();
    }
}
