// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;

/** Tells somebody that files are new, and finds out whether that was heard. */
public sealed interface Notice permits SignalNotice, CommandNotice, HttpNotice {
    /**
     * Blocks until the outcome is known, which takes at most the notice's own limit.
     *
     * @throws IOException if it was not heard, with the reason in words
     */
    void tell() throws IOException, InterruptedException;
}
