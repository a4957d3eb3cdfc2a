// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.rpc.CodeNames;
import io.countersign.serverapi.types.FederationRelationship;
import io.countersign.serverapi.types.Status;
import java.io.PrintWriter;
import java.util.List;

/** Federation relationships in words, as the original prints them. */
final class FederationReport {
    /**
     * What became of one relationship that was to be written.
     *
     * @param wanted as it was sent
     * @param written as it is now, if the status is OK
     */
    record Outcome(Status status, FederationRelationship wanted, FederationRelationship written) {
        boolean isDone() {
            return status.getCode() == 0;
        }
    }

    private FederationReport() {}

    static void print(PrintWriter out, FederationRelationship relationship) {
        line(out, "Trust domain", relationship.getTrustDomain());
        line(out, "Bundle endpoint URL", relationship.getBundleEndpointUrl());
        switch (relationship.getBundleEndpointProfileCase()) {
            case HTTPS_WEB -> line(out, "Bundle endpoint profile", FederationFlags.WEB);
            case HTTPS_SPIFFE -> {
                line(out, "Bundle endpoint profile", FederationFlags.SPIFFE);
                line(out, "Endpoint SPIFFE ID", relationship.getHttpsSpiffe().getEndpointSpiffeId());
            }
            case BUNDLEENDPOINTPROFILE_NOT_SET -> {}
        }
    }

    /** @throws IllegalStateException if any was refused, after all of them are printed */
    static void print(String action, List<Outcome> outcomes, PrintWriter out, PrintWriter err) {
        for (var outcome : outcomes.stream().filter(Outcome::isDone).toList()) {
            out.println();
            print(out, outcome.written());
        }
        var refused = outcomes.stream().filter(outcome -> !outcome.isDone()).toList();
        for (var outcome : refused) {
            out.println();
            err.printf(
                    "Failed to %s the following federation relationship (code: %s, msg: %s):%n",
                    action,
                    CodeNames.of(io.grpc.Status.fromCodeValue(outcome.status().getCode())
                            .getCode()),
                    EntryReport.quoted(outcome.status().getMessage()));
            print(err, outcome.wanted());
        }
        out.flush();
        err.flush();
        if (!refused.isEmpty()) {
            throw new IllegalStateException("failed to " + action + " one or more federation relationships");
        }
    }

    private static void line(PrintWriter out, String label, String value) {
        out.printf("%-26s: %s%n", label, value);
    }
}
