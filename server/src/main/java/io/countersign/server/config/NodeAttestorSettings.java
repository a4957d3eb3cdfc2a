// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import com.google.re2j.Pattern;
import io.countersign.plugin.node.ServerNodeAttestor;
import io.countersign.server.agentpath.AgentPathTemplate;
import io.countersign.server.ssh.SshKey;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

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

    /**
     * By answering over HTTP at the host name that the node says it has: SPIRE's {@code NodeAttestor "http_challenge"}.
     *
     * @param allowedHosts patterns of which a host name must contain one; none for all host names
     * @param requiredPort the only port that is asked, if there is one
     * @param anyPort whether ports count that every user of a node can listen on: those from 1024
     * @param firstUseOnly whether a host is let in once, until its agent is evicted
     */
    record HttpChallenge(List<Pattern> allowedHosts, OptionalInt requiredPort, boolean anyPort, boolean firstUseOnly)
            implements NodeAttestorSettings {
        public HttpChallenge {
            allowedHosts = List.copyOf(allowedHosts);
        }
    }

    /**
     * By the token that Kubernetes projects into an agent's pod: SPIRE's {@code NodeAttestor "k8s_psat"}.
     *
     * @param clusters by the name that their agents give
     */
    record K8sPsat(Map<String, Cluster> clusters) implements NodeAttestorSettings {
        public K8sPsat {
            clusters = Map.copyOf(clusters);
        }
    }

    /**
     * One Kubernetes cluster.
     *
     * @param serviceAccounts as whom agents run, as {@code namespace:name}; at least one
     * @param audiences of which a token must be for one; none for the API server's own
     * @param kubeConfig how its API server is reached; nothing for the one that this server runs in
     * @param nodeLabels which labels of a node become selectors
     * @param podLabels which labels of an agent's pod do
     * @param byPod whether an agent has the ID of its pod, and not of its node
     */
    record Cluster(
            Set<String> serviceAccounts,
            List<String> audiences,
            Optional<Path> kubeConfig,
            Set<String> nodeLabels,
            Set<String> podLabels,
            boolean byPod) {
        public Cluster {
            serviceAccounts = Set.copyOf(serviceAccounts);
            audiences = List.copyOf(audiences);
            nodeLabels = Set.copyOf(nodeLabels);
            podLabels = Set.copyOf(podLabels);
        }
    }

    /**
     * By an SSH host certificate and its key: SPIRE's {@code NodeAttestor "sshpop"}.
     *
     * @param authorities whose certificates count
     * @param canonicalDomain what each host's name must end with, behind a dot; empty for any name
     */
    record SshPop(List<SshKey> authorities, String canonicalDomain, AgentPathTemplate agentPath)
            implements NodeAttestorSettings {
        public SshPop {
            authorities = List.copyOf(authorities);
        }
    }

    /**
     * In a way of somebody else's: a plugin from a jar.
     *
     * @param name of the attestor
     */
    record Plugin(String name, ServerNodeAttestor attestor) implements NodeAttestorSettings {}

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
