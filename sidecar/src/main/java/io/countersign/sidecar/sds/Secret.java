// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import io.countersign.sidecar.match.SanMatcher;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;

/** What an agent hands out, parsed and found sound. */
public sealed interface Secret {
    /** Own certificate, leaf first, with its key. */
    record Identity(List<X509Certificate> chain, PrivateKey key) implements Secret {
        public Identity {
            chain = List.copyOf(chain);
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Identity[" + chain.getFirst().getSubjectX500Principal() + "]";
        }
    }

    /**
     * Whom to believe.
     *
     * @param names demanded in addition to what the file demands
     * @param fingerprints SHA-256 of acceptable leaf certificates, lower-case hex; empty means any
     */
    record Trust(Anchors anchors, List<SanMatcher> names, List<String> fingerprints, boolean allowExpired)
            implements Secret {
        public Trust {
            names = List.copyOf(names);
            fingerprints = List.copyOf(fingerprints);
        }
    }

    sealed interface Anchors {
        /** All authorities for all names: enough within one trust domain only. */
        record Plain(List<X509Certificate> authorities) implements Anchors {
            public Plain {
                authorities = List.copyOf(authorities);
            }
        }

        /** Authorities by trust domain: each is believed for its own domain's IDs and no others. */
        record PerTrustDomain(Map<String, List<X509Certificate>> authorities) implements Anchors {
            public PerTrustDomain {
                authorities = Map.copyOf(authorities);
            }
        }
    }
}
