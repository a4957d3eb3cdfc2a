// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Status;
import java.io.PrintWriter;
import java.util.List;

/**
 * What became of one entry that was to be written.
 *
 * @param wanted as it was sent
 * @param written as it is now, if the status is OK
 */
record EntryOutcome(Status status, Entry wanted, Entry written) {
    /** @throws IllegalStateException if any was refused, after all of them are printed */
    static void print(String action, List<EntryOutcome> outcomes, PrintWriter out, PrintWriter err) {
        boolean failed = false;
        for (var outcome : outcomes) {
            if (outcome.status().getCode() == 0) {
                EntryReport.print(out, outcome.written());
            } else {
                failed = true;
                EntryReport.printFailure(err, action, outcome.status(), outcome.wanted());
            }
        }
        out.flush();
        if (failed) {
            throw new IllegalStateException("failed to " + action + " one or more entries");
        }
    }
}
