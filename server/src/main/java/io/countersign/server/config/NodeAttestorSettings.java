// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.server.agentpath.AgentPathTemplate;
import java.security.cert.X509Certificate;
import java.util.List;

/** One way in which nodes prove themselves. */
public sealed interface NodeAttestorSettings {
    /**
     * By a certificate that the node has from elsewhere, and its key: SPIRE's {@code NodeAttestor "x509pop"}.
     *
     * @param mostIntermediates how many certificates a node may show beside its own
     * @param longestRsaKey in bits
     * @param verifyClientIp whether the address that the call comes from must be one of the certificate's
     */
    record X509Pop(
            Trust trust, AgentPathTemplate agentPath, int mostIntermediates, int longestRsaKey, boolean verifyClientIp)
            implements NodeAttestorSettings {}

    /** Whose certificates count. */
    sealed interface Trust {
        /**
         * Those of other authorities: mode {@code external_pki}.
         *
         * @param authorities at least one
         */
        record External(List<X509Certificate> authorities) implements Trust {
            public External {
                authorities = List.copyOf(authorities);
            }
        }

        /**
         * X509-SVIDs of the trust domain itself: mode {@code spiffe}.
         *
         * @param pathPrefix of the SPIFFE IDs that count; begins and ends with a slash
         */
        record Spiffe(String pathPrefix) implements Trust {}
    }
}
