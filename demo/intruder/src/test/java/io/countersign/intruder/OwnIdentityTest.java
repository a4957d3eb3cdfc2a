// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import static io.countersign.intruder.TestAuthority.INTRUDER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.EventLog;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OwnIdentityTest {
    private final OwnIdentity identity = new OwnIdentity(new EventLog("intruder"));

    @Test
    void anIdentityIsHeldUntilItEnds() {
        var context = new TestAuthority().context(INTRUDER);
        var end = context.defaultSvid().expiresAt();

        identity.onUpdate(context);

        assertEquals(new OwnIdentity.Identity(context), identity.at(end.minus(Duration.ofSeconds(1))));
        var nothing = assertInstanceOf(OwnIdentity.Nothing.class, identity.at(end));
        assertTrue(nothing.why().startsWith("the SVID of \"" + INTRUDER + "\" ended at " + end), nothing::why);
    }
}
