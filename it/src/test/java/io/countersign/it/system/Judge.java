// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** What must be true of what the demo says. */
final class Judge {
    private static final int ORDERS = 5;
    private static final int SIGHTINGS = 4;
    private static final int BREAK_INS = 4;

    private Judge() {}

    static boolean succeeds(JsonObject demo, String pattern) {
        return demo.getAsJsonObject(pattern).get("success").getAsBoolean();
    }

    /** Both patterns, the orders, and at each hop two identities that were seen. */
    static void assertProven(JsonObject demo) {
        assertTrue(succeeds(demo, "frontend_to_backend"), demo::toString);
        assertTrue(succeeds(demo, "backend_to_database"), demo::toString);
        assertEquals(ORDERS, demo.getAsJsonArray("orders").size());
        var evidence = demo.getAsJsonArray("evidence");
        assertEquals(SIGHTINGS, evidence.size());
        for (var element : evidence) {
            var hop = element.getAsJsonObject();
            assertTrue(hop.get("verified").getAsBoolean(), hop::toString);
            var peer = hop.get("peerSpiffeId").getAsString();
            assertTrue(peer.startsWith("spiffe://example.org/ns/demo/sa/"), peer);
            if (!hop.get("localSpiffeId").isJsonNull()) {
                assertNotEquals(peer, hop.get("localSpiffeId").getAsString());
            }
        }
    }

    static void assertRefused(JsonArray breakIns) {
        assertEquals(BREAK_INS, breakIns.size());
        for (var element : breakIns) {
            var attempt = element.getAsJsonObject();
            assertTrue(attempt.get("refused").getAsBoolean(), attempt::toString);
            assertTrue(!attempt.get("error").getAsString().isEmpty(), attempt::toString);
            assertTrue(!attempt.get("by").getAsString().isEmpty(), attempt::toString);
        }
    }
}
