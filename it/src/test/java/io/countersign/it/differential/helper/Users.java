// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import io.countersign.it.differential.agent.OriginalServer;
import io.countersign.it.process.Side;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Who the helpers run as, and what is registered for whom. */
final class Users {
    /** Has one identity. */
    static final int ORDINARY = 71000;
    /** Has two identities, with the hints blue and green. */
    static final int HINTED = 71001;
    /** Has none. */
    static final int NOBODY = 71002;
    /** Federates with a trust domain, and with another one whose older authority has ended. */
    static final int FEDERATED = 71003;
    /** Has none until a case registers it. */
    static final int LATE = 71100;

    private static final int FIRST_CHANGED = 71102;
    private static final int CHANGED = 10;
    private static final String OLD = "old.example";
    private static final Map<Integer, String> entries = new ConcurrentHashMap<>();
    private static Optional<OriginalServer> server = Optional.empty();

    private Users() {}

    static void register(OriginalServer by, OriginalServer partner) throws Exception {
        server = Optional.of(by);
        by.learnBundleWithExpired(OLD);
        by.create(by.entry("/ordinary", ORDINARY));
        by.create(by.entry("/blue", HINTED).setHint("blue"));
        by.create(by.entry("/green", HINTED).setHint("green"));
        by.create(by.entry("/federated", FEDERATED)
                .addFederatesWith(partner.trustDomain())
                .addFederatesWith(OLD));
        for (int uid = FIRST_CHANGED; uid < changed(CHANGED); uid++) {
            register(uid);
        }
    }

    /** The nth user with an identity that a case may change: one for each side. */
    static int changed(int n) {
        return FIRST_CHANGED + n * Side.values().length;
    }

    static int of(Side side, int uid) {
        return uid >= LATE && side == Side.ORIGINAL ? uid + 1 : uid;
    }

    static void register(int uid) {
        var by = server.orElseThrow();
        entries.put(uid, by.create(by.entry("/changed", uid)));
    }

    /** Changes the identity, so that there is a new certificate. */
    static void renew(int uid) {
        var by = server.orElseThrow();
        by.update(by.entry("/changed", uid)
                .setId(Objects.requireNonNull(entries.get(uid)))
                .addDnsNames("renewed.example.org"));
    }

    /** What runs a command as this user, with the signals that a test in the background has inherited as ignored. */
    static List<String> command(int uid) {
        return List.of(
                "env", "--default-signal=HUP,INT", "setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups");
    }
}
