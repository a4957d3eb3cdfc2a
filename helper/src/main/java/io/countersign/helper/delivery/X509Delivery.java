// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Context;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the X.509 files of a state of the agent and says whose they are.
 *
 * @param written what is said then
 */
public record X509Delivery(X509Files files, String written, InstantSource clock) {
    private static final Logger log = LoggerFactory.getLogger(X509Delivery.class);

    /** Gives the identity that the files now hold. */
    public X509Svid deliver(X509Context context) throws DeliveryException {
        var svid = files.choose(context);
        files.write(context, clock.instant());
        log.atInfo()
                .addKeyValue("spiffe_id", svid.id())
                .addKeyValue("serial", svid.serialNumberHex())
                .addKeyValue("expires_at", svid.expiresAt())
                .addKeyValue("file", files.files().getLast().path())
                .log(written);
        return svid;
    }
}
