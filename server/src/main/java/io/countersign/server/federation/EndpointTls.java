// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** The TLS of both ends of a bundle endpoint: what Mozilla calls intermediate (SPIFFE Federation section 5). */
final class EndpointTls {
    private EndpointTls() {}

    /** TLS 1.2 and 1.3 with authenticated encryption and forward secrecy only. */
    static SSLParameters parameters(SSLContext context) {
        var suites = Arrays.stream(context.getSupportedSSLParameters().getCipherSuites())
                .filter(suite -> suite.contains("_GCM_") || suite.contains("_CHACHA20_"))
                .filter(suite -> suite.matches("TLS_(AES|CHACHA20|ECDHE|DHE)_.*"))
                .toArray(String[]::new);
        return new SSLParameters(suites, new String[] {"TLSv1.3", "TLSv1.2"});
    }
}
