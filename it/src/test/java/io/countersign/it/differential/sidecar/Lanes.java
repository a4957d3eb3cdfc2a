// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.Side;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One sidecar with many listeners, each with a witness of its own behind it, so that what comes through is known to be of one attack. */
final class Lanes implements AutoCloseable {
    private static final int COUNT = 12;
    private static final Pattern EACH = Pattern.compile("(?s) *# each lane\n(.*?) *# end\n");

    private final Closing closing = new Closing();
    private final BlockingQueue<Lane> free = new ArrayBlockingQueue<>(COUNT);

    private record Lane(int port, Witness witness) {}

    private Lanes() {}

    static Lanes open(Side side, Path folder) throws Exception {
        var lanes = new Lanes();
        try {
            lanes.start(side, folder);
            return lanes;
        } catch (Exception | AssertionError e) {
            lanes.close();
            throw e;
        }
    }

    private void start(Side side, Path folder) throws Exception {
        var witnesses = new ArrayList<Witness>();
        var ports = new HashMap<String, String>();
        for (int i = 0; i < COUNT; i++) {
            var witness = closing.add(Witness.open());
            witnesses.add(witness);
            ports.put("witness-" + i, String.valueOf(witness.port()));
        }
        var template = EACH.matcher(SidecarDifferentialTest.resource("smuggling.yaml"))
                .replaceAll(each -> IntStream.range(0, COUNT)
                        .mapToObj(i -> each.group(1).replace("LANE", String.valueOf(i)))
                        .collect(Collectors.joining()));
        var sidecar = closing.add(Running.start(side, folder, template, ports));
        for (int i = 0; i < COUNT; i++) {
            free.add(new Lane(sidecar.port("lane-" + i), witnesses.get(i)));
        }
    }

    Smuggled ask(Smuggled.Attack attack) throws Exception {
        var lane = free.take();
        try {
            return attack.ask(lane.port, lane.witness);
        } finally {
            free.add(lane);
        }
    }

    /** How many may be asked at once. */
    static int count() {
        return COUNT;
    }

    @Override
    public void close() throws Exception {
        closing.close();
    }
}
