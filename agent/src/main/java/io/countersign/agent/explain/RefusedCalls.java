// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.explain;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Remembers the calls that were refused last, so many and no more. Thread-safe. */
public final class RefusedCalls {
    private static final int MOST = 256;
    /** Those of a caller; what a process says of itself may be without end. */
    private static final int MOST_SELECTORS = 500;

    private static final int ID_BYTES = 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final InstantSource clock;
    private final List<String> logged;
    private final ArrayDeque<RefusedCall> lastFirst = new ArrayDeque<>();

    public RefusedCalls(InstantSource clock) {
        this(clock, List.of());
    }

    /** @param logged how selectors begin that the log may show */
    public RefusedCalls(InstantSource clock, List<String> logged) {
        this.clock = clock;
        this.logged = List.copyOf(logged);
    }

    /** Remembers one; the answer is its id, which says nothing to who does not see the rest. */
    public String note(Peer.LocalProcess process, String method, Optional<Attestation> attestation) {
        var bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        var id = HexFormat.of().formatHex(bytes);
        var found = attestation.map(RefusedCalls::bounded);
        var call = new RefusedCall(id, clock.instant(), process, program(process.pid()), method, found);
        synchronized (this) {
            lastFirst.addFirst(call);
            if (lastFirst.size() > MOST) {
                lastFirst.removeLast();
            }
        }
        return id;
    }

    /** As it is, or as many selectors as are kept: the kernel's first, claims last. */
    private static Attestation bounded(Attestation found) {
        if (found.selectors().size() <= MOST_SELECTORS) {
            return found;
        }
        var kept = found.selectors().entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .limit(MOST_SELECTORS)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return new Attestation(kept, found.claimsSuffice());
    }

    /** What the log may show of the selectors of a caller; empty if there is nothing. */
    public String logged(Optional<Attestation> attestation) {
        if (logged.isEmpty()) {
            return "";
        }
        return attestation.stream()
                .flatMap(found -> found.selectors().keySet().stream())
                .map(Selector::toString)
                .filter(selector ->
                        logged.stream().anyMatch(begin -> selector.equals(begin) || selector.startsWith(begin + ":")))
                .sorted()
                .collect(Collectors.joining(","));
    }

    /** The last one first. */
    public synchronized List<RefusedCall> last() {
        return List.copyOf(lastFirst);
    }

    /** Empty if it is not to be seen. */
    static String program(int pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "exe"))
                    .toString();
        } catch (IOException e) {
            return "";
        }
    }
}
