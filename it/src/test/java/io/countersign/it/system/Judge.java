// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

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
        var peers = new TreeMap<String, Set<String>>();
        for (var element : evidence) {
            var hop = element.getAsJsonObject();
            assertTrue(hop.get("verified").getAsBoolean(), hop::toString);
            var peer = hop.get("peerSpiffeId").getAsString();
            assertTrue(peer.startsWith("spiffe://example.org/ns/demo/sa/"), peer);
            peers.computeIfAbsent(hop.get("hop").getAsString(), name -> new TreeSet<>())
                    .add(peer);
        }
        assertEquals(2, peers.size(), peers::toString);
        peers.forEach((hop, ids) -> assertEquals(2, ids.size(), hop + " has " + ids));
    }

    /** The program that stands at the places of that part, such as {@code spire-agent 1.15.3}. */
    static String standing(JsonObject demo, String part) {
        var programs = new TreeSet<String>();
        demo.getAsJsonObject("parts").asMap().forEach((place, program) -> {
            if (place.equals(part) || place.endsWith("-" + part)) {
                programs.add(program.getAsString());
            }
        });
        assertEquals(1, programs.size(), programs::toString);
        return programs.first();
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
