// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import java.util.List;
import java.util.Map;

/**
 * A row of the table. In file, flags and variables {@code @AGENT@} stands for the agent's socket, {@code @DIR@} for the
 * folder of the side, {@code @PORT@} for a free port.
 *
 * @param uid the user that the helper runs as, and by which the agent knows it
 * @param conf the text of helper.conf
 * @param given files that are there before it starts and belong to its user, with their modes as {@code rw-r--r--}
 * @param course what happens while it runs
 */
record HelperCase(
        String name,
        int uid,
        String conf,
        List<String> flags,
        Map<String, String> environment,
        Map<String, String> given,
        Course course) {
    /** What is done with a helper that has been started, until it has ended. */
    @FunctionalInterface
    interface Course {
        void run(HelperProcess helper) throws Exception;
    }

    /** Ends by itself. */
    static final Course ENDS = HelperProcess::awaitEnd;

    /** Is stopped when it has said all this. */
    static Course stoppedAfter(String... messages) {
        return helper -> {
            helper.awaitSaid(messages);
            helper.stop();
        };
    }

    /** Ends by itself, or is stopped when it has said this: where one side refuses what the other takes. */
    static Course endsOrIsStoppedAfter(String message) {
        return helper -> {
            helper.awaitEndOr(message);
            helper.stop();
        };
    }

    static HelperCase of(String name, String conf, Course course) {
        return new HelperCase(
                name, Users.ORDINARY, conf, List.of("-config", "@DIR@/in/helper.conf"), Map.of(), Map.of(), course);
    }

    HelperCase as(int other) {
        return new HelperCase(name, other, conf, flags, environment, given, course);
    }

    HelperCase with(String... words) {
        return new HelperCase(name, uid, conf, List.of(words), environment, given, course);
    }

    HelperCase in(Map<String, String> variables) {
        return new HelperCase(name, uid, conf, flags, variables, given, course);
    }

    HelperCase having(String file, String mode) {
        return new HelperCase(name, uid, conf, flags, environment, Map.of(file, mode), course);
    }

    @Override
    public String toString() {
        return name;
    }
}
