// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.Side;
import java.util.HashMap;
import java.util.Map;

/**
 * Both sidecars once more, with the file of filters, and beside each the service that it asks; both know the keys of one issuer of
 * tokens, and follow the same secrets in files.
 */
record Filters(Issuer issuer, Documents documents, Guarded.Both both) implements AutoCloseable {
    static Filters start(Ground ground, Map<String, String> values) throws Exception {
        var issuer = Issuer.open();
        var all = new HashMap<>(values);
        var documents = Documents.write(ground);
        all.put("documents", documents.folder().toString());
        all.put("jwks", issuer.jwks());
        all.put("keys", String.valueOf(issuer.port()));
        try {
            return new Filters(issuer, documents, Guarded.Both.start(ground, "filters.yaml", all));
        } catch (Exception | AssertionError e) {
            issuer.close();
            throw e;
        }
    }

    Guarded of(Side side) {
        return both.of(side);
    }

    @Override
    public void close() throws Exception {
        both.close();
        issuer.close();
    }
}
