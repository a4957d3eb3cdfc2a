// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Context;

/** Which of a program's identities files are for. */
public sealed interface Choice {
    Choice FIRST = new First();

    /** The one that the agent names first. */
    record First() implements Choice {
        @Override
        public X509Svid of(X509Context context) {
            return context.defaultSvid();
        }
    }

    record ByHint(String hint) implements Choice {
        @Override
        public X509Svid of(X509Context context) throws DeliveryException {
            return context.svidWithHint(hint)
                    .orElseThrow(() -> new DeliveryException(
                            "none of the %d X.509-SVIDs has the hint \"%s\"; set that hint on an entry or change hint"
                                    .formatted(context.svids().size(), hint)));
        }
    }

    record ById(SpiffeId id) implements Choice {
        @Override
        public X509Svid of(X509Context context) throws DeliveryException {
            return context.svids().stream()
                    .filter(svid -> svid.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new DeliveryException(
                            "none of the %d X.509-SVIDs is %s; make an entry for it or change spiffe_id"
                                    .formatted(context.svids().size(), id)));
        }
    }

    /** An empty hint is none. */
    static Choice byHint(String hint) {
        return hint.isEmpty() ? FIRST : new ByHint(hint);
    }

    X509Svid of(X509Context context) throws DeliveryException;
}
