// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What one end of a TLS connection proves and whom it accepts. Both managers are asked anew in each handshake, and no
 * session is ever resumed, so that a rotated certificate or a changed bundle counts from the next connection on.
 * Implementations are thread-safe.
 */
public interface TlsIdentity {
    X509ExtendedKeyManager keyManager();

    X509ExtendedTrustManager trustManager();
}
