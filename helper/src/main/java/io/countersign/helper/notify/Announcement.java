// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** All who are told of the new files of one identity, in this order, and what proves that they have taken them. */
public record Announcement(List<Notice> notices, Optional<Proof> proof) {
    public static final Announcement NONE = new Announcement(List.of(), Optional.empty());

    public Announcement {
        notices = List.copyOf(notices);
    }

    /** Whether there is nobody to tell and nothing to prove. */
    public boolean isEmpty() {
        return notices.isEmpty() && proof.isEmpty();
    }

    /**
     * Tells everybody, blocking until it is known how that went; what fails keeps the others from nothing.
     *
     * @throws IOException with the first that failed
     */
    public void make(X509Certificate leaf) throws IOException, InterruptedException {
        Optional<IOException> failed = Optional.empty();
        for (var notice : notices) {
            try {
                notice.tell();
            } catch (IOException e) {
                var named = new IOException(notice + ": " + e.getMessage(), e);
                if (failed.isPresent()) {
                    failed.get().addSuppressed(named);
                } else {
                    failed = Optional.of(named);
                }
            }
        }
        if (failed.isPresent()) {
            throw failed.get();
        }
        if (proof.isPresent()) {
            proof.get().await(leaf);
        }
    }
}
