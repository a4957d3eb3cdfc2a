// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.helper.config.Identity;
import io.countersign.helper.delivery.DeliveryException;
import io.countersign.helper.delivery.X509Delivery;
import io.countersign.helper.follow.Delivery;
import io.countersign.helper.health.NoticeState;
import io.countersign.helper.notify.Notifier;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Context;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the files of an identity and tells who is to know. While somebody is told nothing is written, so that who reads the
 * files then reads one state; what was not heard is told again, without writing again. For one thread.
 */
final class Renewal implements Delivery<X509Context> {
    private static final Logger log = LoggerFactory.getLogger(Renewal.class);

    private record Written(X509Context state, X509Svid svid) {}

    private final Identity identity;
    private final X509Delivery files;
    private final Notifier notifier;
    private final NoticeState told;
    private Optional<Written> untold = Optional.empty();

    Renewal(Identity identity, Notifier notifier, NoticeState told, InstantSource clock) {
        this.identity = identity;
        this.files = new X509Delivery(identity.files(), "X.509 certificates updated", clock);
        this.notifier = notifier;
        this.told = told;
    }

    @Override
    public Result deliver(X509Context state) throws DeliveryException, InterruptedException {
        var written = untold.filter(each -> each.state().equals(state));
        if (written.isEmpty()) {
            written = Optional.of(write(state));
        }
        var svid = written.get().svid();
        boolean complete = identity.announcement().isEmpty() || isTold(svid);
        untold = complete ? Optional.empty() : written;
        return new Result(Optional.of(svid.expiresAt()), complete);
    }

    private Written write(X509Context state) throws DeliveryException {
        state.svids()
                .forEach(
                        svid -> log.atInfo().addKeyValue("spiffe_id", svid.id()).log("Received update"));
        var svid = files.deliver(state);
        if (!identity.announcement().isEmpty()) {
            told.due();
        }
        notifier.renewed();
        return new Written(state, svid);
    }

    private boolean isTold(X509Svid svid) throws InterruptedException {
        try {
            identity.announcement().make(svid.leaf());
            told.told();
            log.atInfo()
                    .addKeyValue("identity", identity.name())
                    .addKeyValue("serial", svid.serialNumberHex())
                    .log(
                            identity.announcement().proof().isPresent()
                                    ? "new certificate is in use"
                                    : "renewal was heard");
            return true;
        } catch (IOException e) {
            told.failed();
            log.atError()
                    .addKeyValue("identity", identity.name())
                    .addKeyValue("serial", svid.serialNumberHex())
                    .addKeyValue("error", e.getMessage())
                    .log("renewal was not heard, trying again");
            return false;
        }
    }
}
