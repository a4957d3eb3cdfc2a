// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class OriginTest {
    private static final String SLICE = "0::/user.slice/user-1000.slice";

    @Test
    void groupsThatAUserMakesAreOne() {
        var session = Origin.in(1000, SLICE + "/session-1.scope\n");
        assertEquals(session, Origin.in(1000, SLICE + "/user@1000.service/app.slice/run-r1.scope\n"));
        assertEquals(
                Origin.in(1000, "1:name=systemd:/user@7.service/a\n0::/\n"),
                Origin.in(1000, "1:name=systemd:/user@7.service/b\n0::/\n"));
        assertNotEquals(session, Origin.in(1001, SLICE + "/session-1.scope\n"));
    }

    @Test
    void groupsThatOthersMakeAreNot() {
        var service = Origin.in(0, "0::/system.slice/a.service\n");
        assertEquals(service, Origin.in(0, "0::/system.slice/a.service\n"));
        assertNotEquals(service, Origin.in(0, "0::/system.slice/b.service\n"));
        assertNotEquals(Origin.in(0, SLICE + "\n"), Origin.in(0, "0::/user.slice/user-1001.slice\n"));
    }

    @Test
    void processThatIsNotThereIsInNoGroup() {
        assertEquals(new Origin(1000, ""), Origin.of(Integer.MAX_VALUE, 1000));
    }
}
