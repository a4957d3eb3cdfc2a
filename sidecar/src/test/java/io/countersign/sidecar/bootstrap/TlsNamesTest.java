// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** The library knows what the file is let say. */
class TlsNamesTest {
    @Test
    void contextsAreMadeWithEachCurve() {
        var unknown = new ArrayList<String>();
        for (var curve : TlsNames.CURVES) {
            try {
                ReferenceCountUtil.release(SslContextBuilder.forClient()
                        .sslProvider(SslProvider.OPENSSL_REFCNT)
                        .option(OpenSslContextOption.GROUPS, new String[] {curve})
                        .build());
            } catch (SSLException e) {
                unknown.add(curve + ": " + e.getMessage());
            }
        }
        assertTrue(unknown.isEmpty(), unknown.toString());
    }

    @Test
    void suitesAreThoseOfTheLibrary() {
        var known = OpenSsl.availableOpenSslCipherSuites();

        for (var suite : TlsNames.SUITES) {
            assertTrue(known.contains(suite), suite + " is none of " + known);
            var registered = TlsNames.suite(suite);
            assertEquals(registered, TlsNames.suite(registered.orElseThrow()));
        }
        assertEquals(
                Optional.of("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
                TlsNames.suite("ECDHE-RSA-CHACHA20-POLY1305"));
    }
}
